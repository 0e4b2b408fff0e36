//! A command line that cannot be meant so: exit code 2, one message, nothing done.

use crate::ended::Ended;
use crate::repository::Repository;

fn refused<const N: usize>(arguments: [&str; N]) -> Ended {
    let repository = Repository::fresh();
    let before = repository.tree();
    let ended = repository.xtask(arguments);
    ended.exits(2).stdout("");
    assert_eq!(repository.docker_calls(), Vec::<Vec<String>>::new(), "nothing was started");
    assert_eq!(repository.tree(), before, "nothing was changed");
    ended
}

#[test]
fn a_mistyped_verb_suggests_the_right_one() {
    refused(["biuld"]).stderr_has("unrecognized subcommand 'biuld'").stderr_has("'build'");
    refused(["shel"]).stderr_has("'shell'");
    refused(["runn", "--", "python"]).stderr_has("'run'");
}

#[test]
fn an_unknown_target_names_the_possible_ones() {
    refused(["build", "prod"]).stderr_has("invalid value 'prod'").stderr_has("[possible values: runtime, dev, all]");
    refused(["push", "prod"]).stderr_has("[possible values: runtime, dev, all]");
    refused(["build", "rutnime"]).stderr_has("'runtime'");
}

#[test]
fn run_without_a_command_says_what_is_missing() {
    refused(["run"]).stderr_has("<COMMAND>");
    refused(["run", "--"]).stderr_has("<COMMAND>");
    refused(["run", "-d"]).stderr_has("<COMMAND>");
}

#[test]
fn an_unknown_option_is_named() {
    refused(["build", "--dryrun"]).stderr_has("unexpected argument '--dryrun'").stderr_has("'--dry-run'");
    refused(["run", "--gpus", "--", "python"]).stderr_has("'--gpus'").stderr_has("'--gpu'");
}

#[test]
fn options_that_contradict_each_other_are_named() {
    refused(["env", "--show", "--update"]).stderr_has("'--show'").stderr_has("'--update'");
    refused(["build", "--dry-run", "--verbose"]).stderr_has("'--dry-run'").stderr_has("'--verbose'");
}

#[test]
fn what_is_no_variable_is_not_passed() {
    for text in ["", "=value", "two words=1"] {
        refused(["run", "-e", text, "--", "true"]).stderr_has("write `NAME=VALUE`, or `NAME`");
    }
}

#[test]
fn outside_a_repository_that_is_said() {
    let repository = Repository::fresh().inside("..");
    let expected = "error: `[TEMP]` is not in a repository with `xtask/` and `dependencies/`; run it inside one\n";
    repository.xtask(["build"]).exits(1).stdout("").stderr(expected);
    assert!(repository.docker_calls().is_empty());
}
