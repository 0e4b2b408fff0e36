//! `cargo xtask run` without Docker: the command as it would run in an activated environment.

use crate::repository::Repository;
use crate::stand_in::Call;

/// A repository with its native environment made.
pub fn built(settings: &str) -> Repository {
    let repository = Repository::with_settings(&format!("ENGINE=native\n{settings}"));
    repository.xtask(["build"]).exits(0);
    repository.stand_ins.forget();
    repository
}

#[test]
fn the_environments_python_is_found_first() {
    built("").xtask(["run", "--", "python", "--version"]).exits(0).stdout("python of [ROOT]/.venv\n").stderr("");
}

#[test]
fn the_command_finds_the_directories_and_the_activated_environment() {
    let script = "pwd; for name in PROJECT_ROOT PROJECT_DIR DATA_DIR OUTPUTS_DIR WANDB_DIR VIRTUAL_ENV; do \
                  eval \"echo $name=\\$$name\"; done; echo \"${PYTHONHOME-none} ${CONDA_PREFIX-none} $PATH\"";
    let repository = built("").variable("PYTHONHOME", "/wrong").variable("CONDA_PREFIX", "/wrong");
    let expected = "\
[ROOT]/python-project
PROJECT_ROOT=[ROOT]
PROJECT_DIR=[ROOT]/python-project
DATA_DIR=[ROOT]/data
OUTPUTS_DIR=[ROOT]/outputs
WANDB_DIR=[ROOT]/outputs
VIRTUAL_ENV=[ROOT]/.venv
none none [ROOT]/.venv/bin:[TEMP]/bin
";
    repository.xtask(["run", "--", "sh", "-c", script]).exits(0).stdout(expected).stderr("");
}

#[test]
fn the_exit_code_is_the_commands() {
    let repository = built("");
    repository.xtask(["run", "--", "sh", "-c", "exit 42"]).exits(42).stdout("").stderr("");
    repository.xtask(["run", "--", "sh", "-c", "kill -TERM $$"]).exits(143).stdout("").stderr("");
}

#[test]
fn a_command_that_is_not_there_gives_127() {
    let expected = "error: command not found: `no-such-program`\n";
    built("").xtask(["run", "no-such-program"]).exits(127).stdout("").stderr(expected);
}

#[test]
fn a_file_that_is_no_program_gives_126() {
    let ended = built("").xtask(["run", "./pyproject.toml"]);
    ended.exits(126).stdout("").stderr_has("error: cannot start `./pyproject.toml`: Permission denied");
}

#[test]
fn hostile_arguments_arrive_unchanged() {
    let hostile = ["$(id)", "`id`", "it's", "\"q\"", "two\nlines", "-x", "--gpu", "--", "", "a;b", "~", "*", "é\\"];
    let script = "for it in \"$@\"; do printf '%s|' \"$it\"; done";
    let expected: String = hostile.iter().map(|it| format!("{it}|")).collect();
    built("").xtask_with(["run", "--", "sh", "-c", script, "sh"], hostile).exits(0).stdout(&expected).stderr("");
}

#[test]
fn what_the_command_reads_and_writes_goes_through_unchanged() {
    let mebibyte = "0123456789abcde\n".repeat(65536);
    let ended = built("").xtask_reading(["run", "cat"], &mebibyte);
    ended.exits(0).stderr("");
    assert!(ended.out() == mebibyte, "{} bytes came out", ended.out().len());
}

#[test]
fn variables_are_passed() {
    let repository = built("WANDB_API_KEY=hunter2\n").variable("HERE", "1");
    let script = "echo $SEED $HERE $WANDB_API_KEY";
    let arguments = ["run", "-e", "SEED=7", "-e", "HERE", "--", "sh", "-c", script];
    repository.xtask(arguments).exits(0).stdout("7 1 hunter2\n").stderr("");
    repository.xtask(["run", "--dry-run", "--", "true"]).exits(0).never_says("hunter2");
}

#[test]
fn the_variables_of_environment_yml_are_set() {
    let text = "dependencies: [python]\nvariables:\n  OMP_NUM_THREADS: 4\n";
    let repository = Repository::with_settings("ENGINE=native\n").dependencies(text);
    repository.xtask(["run", "--", "sh", "-c", "echo $OMP_NUM_THREADS"]).exits(0).stdout("4\n");
}

#[test]
fn what_cargo_adds_for_the_tool_alone_does_not_reach_the_command() {
    let repository = built("")
        .variable("CARGO_MANIFEST_DIR", "/r/xtask")
        .variable("CARGO_PKG_NAME", "xtask")
        .variable("CARGO_HOME", "/h");
    let script = "echo ${CARGO_MANIFEST_DIR-none} ${CARGO_PKG_NAME-none} $CARGO_HOME";
    repository.xtask(["run", "--", "sh", "-c", script]).exits(0).stdout("none none /h\n");
}

#[test]
fn the_background_needs_docker() {
    let expected = "error: `--detach` needs Docker: the native engine runs commands in this terminal\n";
    built("").xtask(["run", "-d", "--", "sh", "-c", "echo ran"]).exits(125).stdout("").stderr(expected);
}

#[test]
fn a_second_run_starts_nothing_but_the_command() {
    let repository = built("");
    let before = repository.tree();
    repository.xtask(["run", "--", "sh", "-c", "echo ran"]).exits(0).stdout("ran\n").stderr("");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
    assert_eq!(repository.tree(), before);
}

#[test]
fn the_environment_is_made_where_it_is_missing() {
    let repository = Repository::with_settings("ENGINE=native\n");
    let says = "xtask: building `.venv` with uv, because no package needs conda\n";
    repository.xtask(["run", "python"]).exits(0).stdout("python of [ROOT]/.venv\n").stderr(says);
}
