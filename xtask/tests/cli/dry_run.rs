//! `--dry-run` prints what would be started, in a form to copy, and changes nothing.

use std::path::Path;

use crate::repository::{RUNTIME, Repository};
use crate::stand_in::{Call, is_query};
use crate::up::{let_in, living};

/// What a real shell makes of printed lines when the programs are the stand-ins: their calls.
fn calls_of(repository: &Repository, printed: &str, program: &str) -> Vec<Call> {
    repository.stand_ins.forget();
    let script = printed.replace("[ROOT]", repository.path("").to_str().unwrap().trim_end_matches('/'));
    let script = script.replace("[TEMP]", repository.temp("").to_str().unwrap().trim_end_matches('/'));
    let path = repository.temp("bin");
    let mut shell = assert_cmd::Command::new("/bin/sh");
    shell.env_clear().env("PATH", path).args(["-eu", "-c", &script]).assert().success();
    repository.calls(program)
}

/// The calls that the tool makes itself.
fn real_calls<const N: usize>(repository: &Repository, arguments: [&str; N], program: &str) -> Vec<Call> {
    repository.stand_ins.forget();
    repository.xtask(arguments).exits(0);
    repository.calls(program).into_iter().filter(|it| !is_query(it)).collect()
}

/// With a lock: a dry run solves nothing, and so cannot know what else would be installed.
fn locked(settings: &str) -> Repository {
    let repository = Repository::with_settings(settings);
    repository.xtask(["lock"]).exits(0);
    repository
}

#[test]
fn a_build_is_printed_exactly_as_it_would_be_started() {
    let repository = locked("").variable("https_proxy", "http://proxy");
    let dry = repository.xtask(["build", "all", "--dry-run"]);
    dry.exits(0);
    let printed = calls_of(&repository, dry.out(), "docker");
    assert_eq!(printed.len(), 1);
    assert_eq!(printed, real_calls(&repository, ["build", "all", "--force"], "docker"));
    let would_be = dry.err().split_once("`target/xtask/bake.json` would be:\n").expect("the file is shown").1;
    let written = repository.general(&repository.read("target/xtask/bake.json"));
    assert_eq!(would_be.trim_end(), written.trim_end());

    let dry = repository.xtask(["build", "--dry-run", "--force"]);
    let printed = calls_of(&repository, dry.exits(0).out(), "docker");
    assert_eq!(printed, real_calls(&repository, ["build", "--force"], "docker"));
}

#[test]
fn a_run_is_printed_exactly_as_it_would_be_started() {
    let repository =
        Repository::named("mon dépôt, été").file(crate::repository::ENV_FILE, "WANDB_API_KEY=hunter2\n").image(RUNTIME);
    let arguments = ["-e", "A=it's $(id)", "-e", "HOME=/x", "--", "sh", "-c", "echo \"$A\"\n'", "", "-x"];
    let dry = repository.xtask_with(["run", "--dry-run"], arguments);
    dry.exits(0).stderr("").never_says("hunter2").stdout_has("WANDB_API_KEY='***' docker run ");
    let printed = calls_of(&repository, dry.out(), "docker");
    assert_eq!(printed.len(), 1);
    repository.stand_ins.forget();
    repository.xtask_with(["run"], arguments).exits(0);
    let mut real = repository.docker_changes();
    // A lease is only taken for a container that is there.
    let lease = real[0].iter().position(|it| it.contains("/leases/[LEASE]")).unwrap();
    // Its label, too.
    real[0].drain(lease - 3..=lease);
    assert_eq!(printed, real);
}

#[test]
fn the_native_environment_is_printed_exactly_as_it_would_be_made() {
    let repository = locked("ENGINE=native\n");
    let dry = repository.xtask(["build", "--dry-run"]);
    dry.exits(0).stderr_has("xtask (dry run): building `.venv` with uv, because `dependencies/lock/");
    let printed = calls_of(&repository, dry.out(), "uv");
    assert_eq!(printed.len(), 3);
    std::fs::remove_dir_all(repository.path(".venv")).unwrap();
    assert_eq!(printed, real_calls(&repository, ["build"], "uv"));
}

#[test]
fn nothing_is_changed() {
    let repository = Repository::fresh();
    std::fs::remove_dir_all(repository.path("data")).unwrap();
    let before = repository.tree();
    repository.xtask(["build", "all", "--dry-run"]).exits(0);
    repository.xtask(["run", "--dry-run", "--", "true"]).exits(0);
    repository.xtask(["shell", "--dry-run"]).exits(0);
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn the_dev_container_stays_as_it_is() {
    let repository = living("");
    let_in(&repository);
    let before = repository.tree();
    let dry = [
        (["up", "--ssh"], " up --detach --no-build\n"),
        (["exec", "true"], "docker exec --interactive 0123abcd /opt/entrypoint.sh true\n"),
        (["shell", "--root"], "docker exec --interactive --user 0:0 0123abcd /opt/entrypoint.sh sh "),
        (["stop", "--verbose"], " stop\n"),
        (["restart", "--verbose"], " stop\n"),
        (["down", "--volumes"], " down --volumes\n"),
        (["logs", "--follow"], "docker logs --follow 0123abcd\n"),
    ];
    for (arguments, printed) in dry {
        repository.xtask_with(["--dry-run"], arguments).exits(0).stdout_has(printed);
    }
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_dev_container_that_is_not_there_is_not_made() {
    let repository = Repository::with_settings("");
    let before = repository.tree();
    let ended = repository.xtask(["up", "--dry-run"]);
    ended.exits(0).stdout_has("docker buildx build ").stdout_has(" up --detach --no-build\n");
    ended.never_says("is ready");
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn variables_of_environment_yml_change_nothing_but_the_file_that_compose_is_asked_with() {
    let text = "dependencies: [python]\nvariables:\n  OMP_NUM_THREADS: 4\n";
    let repository = Repository::with_settings("").image(RUNTIME).dependencies(text);
    let before = repository.tree();
    repository.xtask(["run", "--dry-run", "--", "true"]).exits(0).stdout_has(" --env 'OMP_NUM_THREADS=4' ");
    let mut after = repository.tree();
    assert!(after.remove(Path::new("target/xtask/compose.variables.yaml")).is_some());
    after.retain(|path, _| !path.starts_with("target"));
    assert_eq!(after, before);
}

#[test]
fn nothing_is_changed_natively() {
    let repository = Repository::fresh().variable("ENGINE", "native");
    let before = repository.tree();
    repository.xtask(["build", "--dry-run"]).exits(0);
    repository.xtask(["run", "--dry-run", "--", "true"]).exits(0);
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn missing_settings_are_said_to_be_made() {
    let ended = Repository::fresh().xtask(["build", "--dry-run"]);
    ended
        .exits(0)
        .stderr_has("xtask (dry run): would create `installation/docker-amd64/.env` with this machine's defaults\n");
}

#[test]
fn a_missing_image_is_printed_before_the_run() {
    let repository = Repository::with_settings("");
    let ended = repository.xtask(["run", "--dry-run", "--", "python"]);
    ended.exits(0).stderr_has("xtask (dry run): `sci/jdoe/tiny-project:runtime` has not been built yet\n");
    let lines: Vec<&str> = ended.out().lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("docker buildx build ") && lines[1].starts_with("docker run "), "{lines:?}");
}

#[test]
fn a_missing_directory_is_said_once() {
    let repository = Repository::with_settings("").image(RUNTIME);
    std::fs::remove_dir_all(repository.path("outputs")).unwrap();
    // LOCAL_WANDB_DIR is the same directory.
    let ended = repository.xtask(["run", "--dry-run", "--", "true"]);
    ended.exits(0).stderr("xtask (dry run): creating the directory `[ROOT]/outputs`\n");
    assert!(!repository.path("outputs").exists());
}

#[test]
fn what_was_not_made_is_not_said_to_be_there() {
    Repository::with_settings("ENGINE=native\n").xtask(["build", "--dry-run"]).exits(0).never_says("is up to date");
}
