//! `cargo xtask task`

use crate::repository::{PYPROJECT, Repository};
use crate::run::{built, only_run};

const TASKS: &str = "\n[tool.xtask.tasks]\nlint = [\"ruff\", \"check\"]\ntrain = \"echo epoch $SEED\"\n";

fn with_tasks(repository: Repository) -> Repository {
    repository.write("python-project/pyproject.toml", &format!("{PYPROJECT}{TASKS}"));
    repository
}

#[test]
fn a_task_runs_as_a_command_does_with_more_arguments() {
    let repository = with_tasks(built(""));
    repository.xtask(["task", "-e", "SEED=7", "lint", "--fix", "src"]).exits(0);
    let run = only_run(&repository);
    assert!(run.ends_with(&["ruff", "check", "--fix", "src"].map(str::to_owned)), "{run:?}");
    let native = with_tasks(Repository::with_settings("ENGINE=native\n"));
    native.xtask(["task", "-e", "SEED=7", "train", "it's", "two words"]).exits(0).stdout("epoch 7 it's two words\n");
}

#[test]
fn without_a_name_they_are_listed_and_one_that_is_not_there_is_told() {
    let repository = with_tasks(built(""));
    repository.xtask(["task"]).exits(0).stdout("lint\ntrain\n").stderr("");
    let expected =
        "error: python-project/pyproject.toml has no task `tran` in `[tool.xtask.tasks]`; it has lint, train\n";
    repository.xtask(["task", "tran"]).exits(125).stdout("").stderr(expected);
    built("").xtask(["task"]).exits(0).stdout("").stderr_has("there is no task");
}
