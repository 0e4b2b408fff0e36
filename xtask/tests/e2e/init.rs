//! From a fresh clone of this repository to a project of somebody's own.

use std::process::Command;

use crate::support::{BUILD_LIMIT, PseudoTerminal, Repository, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![
        a_clone_becomes_a_project_that_compiles_runs_and_checks_itself,
        a_person_on_a_terminal_is_asked_what_was_not_said,
    ]
}

fn a_clone_becomes_a_project_that_compiles_runs_and_checks_itself(suite: &Suite) {
    let (repository, _turn) = suite.building("init");
    commit_all(&repository);
    repository.xtask(["init", "brain_decoding", "--yes"]).assert().success();

    assert_eq!(git(&repository, "status --short"), "");
    let files = git(&repository, "ls-files");
    assert!(files.lines().filter(|it| !it.starts_with("xtask/")).count() < 70, "{files}");
    assert!(!files.lines().any(|it| it.starts_with("xtask/") && it.contains("tests/")), "{files}");
    let mut named = command("git");
    named.args(["grep", "--ignore-case", "template", "--", ":!xtask", ":!.xtask*"]).current_dir(repository.path(""));
    bounded(named).assert().code(1).stdout("");

    cargo(&repository, &["xtask", "run", "--", "python", "-m", "brain_decoding.main"]);
    let said = cargo(&repository, &["xtask", "ci", "--e2e"]);
    assert!(said.ends_with("\n6 passed, 0 failed, 0 skipped\n"), "{said}");
}

fn a_person_on_a_terminal_is_asked_what_was_not_said(_: &Suite) {
    let repository = Repository::copy("init-asked");
    commit_all(&repository);
    let start = || {
        let mut script = command("script");
        repository.environment(&mut script).env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("SHELL", "/bin/sh");
        PseudoTerminal::start(script, "\"$XTASK\" init --license none")
    };
    let mut terminal = start();
    terminal.shows("name of the project [repository]");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(), 130);
    assert_eq!(git(&repository, "status --short"), "");

    let mut terminal = start();
    terminal.shows("name of the project [repository]");
    terminal.types("My.Study\r");
    terminal.shows("Python to develop with, such as 3.12 [>=3.11]");
    terminal.types("\r");
    terminal.shows("lab, for the names of images [your group on this machine]");
    terminal.types("\r");
    terminal.shows("project `my-study`, package `my_study`, heading `My study`, images `…/my-study`");
    terminal.shows("make the project in this repository? [y/N]");
    terminal.types("y\r");
    terminal.shows("`my-study` is there; go on with");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(git(&repository, "log --max-count=1 --format=%s"), "Make my-study of the template\n");
}

/// A history, and somebody who adds to it.
fn commit_all(repository: &Repository) {
    for words in [
        "init --quiet",
        "config user.name Ada",
        "config user.email ada@example.org",
        "add --all",
        "commit --quiet --message template",
    ] {
        git(repository, words);
    }
}

/// What git prints.
fn git(repository: &Repository, words: &str) -> String {
    let mut git = command("git");
    git.args(words.split(' ')).current_dir(repository.path(""));
    String::from_utf8(bounded(git).assert().success().get_output().stdout.clone()).unwrap()
}

/// What cargo prints, which compiles the project's tool.
fn cargo(repository: &Repository, arguments: &[&str]) -> String {
    let mut cargo: Command = command("cargo");
    repository.environment(&mut cargo).args(arguments);
    let output = bounded(cargo).timeout(2 * BUILD_LIMIT).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}
