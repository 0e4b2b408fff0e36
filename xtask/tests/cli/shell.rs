//! `cargo xtask shell`

use crate::repository::{DEV, Repository};
use crate::up::{ID, living};

/// What runs a person's shell, or bash where the container has no such shell.
const STARTER: &str = "if command -v \"$1\" >/dev/null 2>&1; then exec \"$1\"; fi; exec bash";

#[test]
fn it_is_opened_in_the_dev_container() {
    let repository = living("").container("echo shell; exit 3");
    repository.xtask(["shell"]).exits(3).stdout("shell\n").stderr("");
    let expected = [
        "exec",
        "--interactive",
        "--env",
        "XTASK_LEASE=/run/xtask/leases/[LEASE]",
        ID,
        "/opt/entrypoint.sh",
        "sh",
        "-c",
        STARTER,
        "sh",
        "sh",
    ];
    assert_eq!(repository.docker_changes(), [expected.map(str::to_owned)]);
}

#[test]
fn it_is_the_users_own_by_name() {
    let repository = living("").variable("SHELL", "/usr/local/bin/zsh");
    repository.xtask(["shell"]).exits(0);
    assert_eq!(repository.docker_changes()[0].last().unwrap(), "zsh");
}

#[test]
fn the_dev_container_is_started_where_there_is_none() {
    let repository = Repository::with_settings("").image(DEV).container("echo shell");
    let says = format!("xtask: starting the dev container from `{DEV}`\n");
    repository.xtask(["shell"]).exits(0).stdout("shell\n").stderr(&says);
    let changes = repository.docker_changes();
    assert!(changes[0].join(" ").ends_with(" up --detach --no-build"), "{changes:?}");
    assert_eq!((changes.len(), changes[1][0].as_str()), (2, "exec"));
}

#[test]
fn variables_are_passed_and_root_is_asked_for() {
    let repository = living("");
    repository.xtask(["shell", "--root", "-e", "HF_TOKEN=hunter2"]).exits(0);
    let line = repository.docker_changes()[0].join(" ");
    assert!(
        line.starts_with(
            "exec --interactive --user 0:0 --env XTASK_LEASE=/run/xtask/leases/[LEASE] --env HF_TOKEN 0123"
        ),
        "{line}"
    );
    assert_eq!(repository.stand_ins.variable("docker", "HF_TOKEN").as_deref(), Some("hunter2"));
}

#[test]
fn natively_it_is_the_users_own_with_the_environment_activated() {
    let repository = Repository::with_settings("ENGINE=native\n").variable("SHELL", "/bin/sh");
    repository.xtask(["build"]).exits(0);
    let ended = repository.xtask_reading(["shell"], "python\necho $OUTPUTS_DIR\nexit 5\n");
    ended.exits(5).stdout("python of [ROOT]/.venv\n[ROOT]/outputs\n").stderr("");
}

#[test]
fn in_a_stage_it_has_the_whole_stage_and_nothing_stays() {
    let repository = Repository::with_settings("").container("echo shell; exit 3");
    let ended = repository.xtask(["shell", "--stage", "apt-build"]);
    ended.exits(3).stdout("shell\n");
    let changes = repository.docker_changes();
    let [build, run, removal] = &changes[..] else { panic!("a build, a run and a removal: {changes:?}") };
    let (build, run) = (build.join(" "), run.join(" "));
    assert!(
        build.contains("/target/xtask/Dockerfile.shell --target xtask-shell --tag sci/jdoe/tiny-project:shell-"),
        "{build}"
    );
    assert!(repository.read("target/xtask/Dockerfile.shell").ends_with("\nFROM apt-build AS xtask-shell\n"));
    assert!(
        run.starts_with(
            "run --rm --pull=never --interactive --user 0:0 --entrypoint /bin/sh sci/jdoe/tiny-project:shell-"
        ),
        "{run}"
    );
    assert_eq!(removal[..2], ["image", "rm"]);
}

#[test]
fn in_a_stage_it_can_be_before_a_step_with_the_files_of_that() {
    let repository = Repository::with_settings("").container("true");
    let ended = repository.xtask(["shell", "--stage", "apt-build", "--step", "1/1"]);
    ended.exits(0).stderr_has("xtask: the step that comes next is: ");
    let dockerfile = repository.read("target/xtask/Dockerfile.shell");
    let stage = dockerfile.rsplit_once("\nFROM ").unwrap().1;
    assert!(stage.contains(" AS xtask-shell\n") && stage.contains("\nCOPY scripts/"), "{stage}");
}

#[test]
fn a_stage_that_is_not_there_comes_with_the_nearest() {
    let repository = Repository::with_settings("");
    let says = "error: the Dockerfile has no stage `enviroment`; did you mean `environment`?\n";
    repository.xtask(["shell", "--stage", "enviroment"]).exits(125).stderr_has(says);
    assert!(repository.docker_changes().is_empty());
}
