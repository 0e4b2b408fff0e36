//! `cargo xtask dev`

use crate::build::build_of;
use crate::repository::{DEV, Repository};
use crate::run::only_run;
use crate::up::living;

fn built(settings: &str) -> Repository {
    Repository::with_settings(settings).image(DEV)
}

#[test]
fn the_command_gets_a_container_of_its_own_of_the_dev_image() {
    let repository = living("").container("echo ran; exit 3");
    repository.xtask(["dev", "--", "pytest", "-x"]).exits(3).stdout("ran\n").stderr("");
    let run = only_run(&repository);
    assert_eq!(run[run.len() - 3..], [DEV, "pytest", "-x"]);
    let line = run.join(" ");
    assert!(line.starts_with("run --rm --pull=never --interactive ") && line.contains(" --user 1234:5678 "), "{line}");
    assert!(
        line.contains(
            " --mount type=bind,source=[ROOT]/installation/docker-amd64/.dev/cache,target=/home/user/.cache "
        )
    );
}

#[test]
fn the_image_is_built_where_it_is_missing() {
    let repository = Repository::with_settings("");
    repository.xtask(["dev", "true"]).exits(0).stderr_has(&format!("xtask: `{DEV}` has not been built yet\n"));
    assert_eq!(repository.docker_changes()[0], build_of("dev"));
    assert_eq!(repository.docker_changes()[1][0], "run");
}

#[test]
fn a_published_port_is_this_machines_alone_unless_an_address_is_named() {
    let repository = built("");
    repository.xtask(["dev", "-p", "8888:8888", "--publish", "0.0.0.0:80:8080", "--", "true"]).exits(0);
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --publish 127.0.0.1:8888:8888 --publish 0.0.0.0:80:8080 "), "{line}");
}

#[test]
fn in_the_background_the_name_of_the_job_is_what_is_printed() {
    let repository = built("").container("echo 0123abcd");
    repository
        .xtask(["dev", "-d", "--", "tensorboard"])
        .exits(0)
        .stdout("tensorboard-1\n")
        .stderr_has("the job `tensorboard-1` runs");
    let run = only_run(&repository);
    assert!(run.contains(&"--detach".to_owned()) && !run.contains(&"--interactive".to_owned()), "{run:?}");
}

#[test]
fn values_are_no_arguments() {
    let repository = built("").container("echo $HF_TOKEN");
    repository.xtask(["dev", "-e", "HF_TOKEN=hunter2", "--", "true"]).exits(0).stdout("hunter2\n");
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --env HF_TOKEN sci/") && !line.contains("hunter2"), "{line}");
}
