//! The verbs around the dev container where there is no container: natively people live in the prefix.

use std::fs;

use crate::repository::Repository;
use crate::stand_in::Call;

fn native() -> Repository {
    Repository::with_settings("ENGINE=native\n")
}

/// With the environment made.
fn built() -> Repository {
    let repository = native();
    repository.xtask(["build"]).exits(0);
    repository.stand_ins.forget();
    repository
}

#[test]
fn what_is_about_a_container_alone_needs_docker() {
    for verb in ["up", "logs", "stop", "start", "restart"] {
        let repository = native();
        let expected = format!(
            "error: `{verb}` needs Docker: the native engine has no container; `cargo xtask doctor` shows what is missing\n"
        );
        repository.xtask([verb]).exits(1).stdout("").stderr(&expected);
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
        assert_eq!(repository.calls("uv"), Vec::<Call>::new());
    }
}

#[test]
fn commands_run_in_the_prefix_with_their_exit_code() {
    for verb in ["exec", "dev"] {
        let repository = built();
        repository.xtask([verb, "python"]).exits(0).stdout("python of [ROOT]/.venv\n").stderr("");
        let script = "echo $SEED $OUTPUTS_DIR; exit 42";
        let ended = repository.xtask([verb, "-e", "SEED=7", "--", "sh", "-c", script]);
        ended.exits(42).stdout("7 [ROOT]/outputs\n").stderr("");
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    }
}

#[test]
fn the_prefix_is_made_where_it_is_missing() {
    let says = "xtask: building `.venv` with uv, because no package needs conda\n";
    for verb in ["exec", "dev"] {
        native().xtask([verb, "python"]).exits(0).stdout("python of [ROOT]/.venv\n").stderr(says);
    }
}

#[test]
fn what_only_a_container_can_do_is_refused() {
    let repository = built();
    let expected = "error: `--root` needs Docker: the native engine runs commands as you\n";
    repository.xtask(["exec", "--root", "true"]).exits(125).stdout("").stderr(expected);
    repository.xtask(["shell", "--root"]).exits(125).stdout("").stderr(expected);
    let expected = "error: `--publish` needs Docker: a native command listens on this machine's ports itself\n";
    repository.xtask(["dev", "-p", "80:80", "true"]).exits(125).stdout("").stderr(expected);
    let expected = "error: `--detach` needs Docker: the native engine runs commands in this terminal\n";
    repository.xtask(["dev", "-d", "true"]).exits(125).stdout("").stderr(expected);
}

#[test]
fn down_removes_the_prefix_only_when_it_is_told_to() {
    let repository = built();
    let expected = "error: `.venv` is removed only when you say so: `cargo xtask down --yes`\n";
    repository.xtask(["down"]).exits(1).stdout("").stderr(expected);
    assert!(repository.path(".venv/bin/python").exists());

    let says = "xtask (dry run): would remove `.venv`, after asking\n";
    repository.xtask(["down", "--dry-run"]).exits(0).stdout("").stderr(says);
    assert!(repository.path(".venv/bin/python").exists());

    repository.xtask(["down", "--yes"]).exits(0).stdout("").stderr("xtask: removed `.venv`\n");
    assert!(!repository.path(".venv").exists());
    let says = "xtask: `.venv` does not exist; nothing was removed\n";
    repository.xtask(["down", "--yes"]).exits(0).stdout("").stderr(says);
}

#[test]
fn down_leaves_a_directory_that_it_has_not_made() {
    let repository = native().file(".venv/mine", "precious");
    let ended = repository.xtask(["down", "--yes"]);
    ended.exits(1).stderr_has("was not made by `cargo xtask`; move it away or remove it, and try again\n");
    assert_eq!(repository.read(".venv/mine"), "precious");
}

#[test]
fn status_tells_whether_the_prefix_is_what_is_asked_for() {
    let repository = native();
    let status = |state: &str| {
        repository.xtask(["status"]).exits(0).stdout(&format!(".venv: {state}\n")).stderr("");
    };
    status("not built yet: `cargo xtask build`");
    repository.xtask(["build"]).exits(0);
    status("up to date");
    repository.write("dependencies/environment.yml", "dependencies:\n  - python>=3.11\n  - pip:\n    - numpy\n");
    status("out of date: `cargo xtask build`");
    fs::remove_file(repository.path(".venv/xtask.json")).unwrap();
    status("not made by `cargo xtask`");
}
