//! `cargo xtask logs`

use crate::repository::Repository;
use crate::stand_in::argv;
use crate::up::{ID, living};

#[test]
fn what_the_dev_container_has_printed_is_shown() {
    let repository = living("");
    repository.xtask(["logs"]).exits(0).stdout("what the container has printed\n").stderr("");
    assert_eq!(repository.docker_changes(), [argv(&format!("logs {ID}"))]);
}

#[test]
fn it_may_be_followed_and_begin_late() {
    for (options, expected) in [
        (["--follow", "--tail", "7"], "logs --follow --tail 7"),
        (["-f", "-n", "0"], "logs --follow --tail 0"),
        (["--tail", "all", "-f"], "logs --follow --tail all"),
    ] {
        let repository = living("");
        repository.xtask_with(["logs"], options).exits(0);
        assert_eq!(repository.docker_changes(), [argv(&format!("{expected} {ID}"))]);
    }
}

#[test]
fn a_number_of_lines_that_is_none_is_refused() {
    let repository = living("");
    repository.xtask(["logs", "--tail", "few"]).exits(2).stdout("").stderr_has("write a number, or `all`");
    assert!(repository.docker_calls().is_empty());
}

#[test]
fn without_a_container_it_says_what_to_do() {
    let expected = "error: there is no dev container: `cargo xtask up` starts one\n";
    Repository::with_settings("").xtask(["logs"]).exits(1).stdout("").stderr(expected);
}
