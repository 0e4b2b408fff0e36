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
