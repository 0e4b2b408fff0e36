//! `cargo xtask down` with Docker.

use crate::repository::{DEV, RUNTIME, Repository};
use crate::up::{ID, compose_files, compose_verbs, living, put};

#[test]
fn the_containers_are_removed() {
    let repository = living("");
    repository.xtask(["down"]).exits(0).stdout("").stderr("");
    assert_eq!(compose_verbs(&repository), ["down"]);
    repository
        .xtask(["exec", "true"])
        .exits(125)
        .stderr("error: there is no dev container: `cargo xtask up` starts one\n");
}

#[test]
fn named_volumes_stay_unless_they_are_named() {
    let repository = living("");
    put(&repository, "exited", "ssh");
    repository.xtask(["down", "--volumes"]).exits(0);
    assert_eq!(compose_verbs(&repository), ["down --volumes"]);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.ssh.yaml"]);
    // What only jobs use is in a profile.
    let call = repository.docker_changes().into_iter().rfind(|it| it[0] == "compose").unwrap();
    assert!(call.windows(2).any(|it| it == ["--profile", "*"]), "{call:?}");
}

#[test]
fn where_there_is_nothing_it_is_no_error() {
    Repository::with_settings("").xtask(["down"]).exits(0).stdout("").stderr("");
}

#[test]
fn jobs_that_go_on_are_told_with_what_ends_them() {
    let repository = living("");
    let directory = repository.path("installation/docker-amd64");
    let directory = directory.to_str().unwrap();
    repository.stand_ins.containers(&[
        [ID, "p-dev-1", "running", "Up 1 hour", DEV, "dev", "False", "", directory],
        ["2", "bold_job", "running", "Up 2 hours", RUNTIME, "", "", "", ""],
        ["3", "p-runtime-run-7", "paused", "Up 2 hours (Paused)", RUNTIME, "runtime", "True", "", directory],
        ["4", "done_job", "exited", "Exited (0)", RUNTIME, "", "", "", ""],
    ]);
    let expected =
        "xtask: jobs of this project are still running; to end them: `cargo xtask stop bold_job p-runtime-run-7`\n";
    repository.xtask(["down"]).exits(0).stdout("").stderr(expected);
}
