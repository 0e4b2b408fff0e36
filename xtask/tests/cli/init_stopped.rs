//! An `init` that somebody or something stops: all of it, or nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::init::{clone, git, state};
use crate::repository::Repository;

/// The steps that change something, by the words of git's command.
const STEPS: [&str; 3] = ["read-tree -m", "commit-tree", "update-ref"];

/// Has a git that is called with these words do something more, `before` or `after` it.
fn disturb(repository: &Repository, words: &str, before: &str, after: &str) {
    _ = fs::remove_file(repository.bin().join("git"));
    let matches = |then: &str| format!("case \" $* \" in *\" {words} \"*) {then} ;; esac\n");
    let script = format!("#!/bin/sh\n{}/usr/bin/git \"$@\"\ncode=$?\n{}exit $code\n", matches(before), matches(after));
    let path = repository.bin().join("git");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn undisturbed(repository: Repository) -> Repository {
    repository.without("git").program("git")
}

#[test]
fn a_signal_leaves_the_clone_as_it_was() {
    for (signal, code, words) in [
        ("INT", 130, "hash-object"),
        ("INT", 130, "read-tree -m"),
        ("TERM", 143, "commit-tree"),
        ("HUP", 129, "read-tree -m"),
    ] {
        let repository = clone();
        let before = state(&repository);
        disturb(&repository, words, ":", &format!("kill -s {signal} $PPID"));
        repository.xtask(["init", "brain-decoding", "--yes"]).exits(code);
        assert_eq!(state(&repository), before, "{signal} at {words}");
    }
}

#[test]
fn what_fails_leaves_the_clone_as_it_was() {
    for words in STEPS {
        let repository = clone();
        let before = state(&repository);
        disturb(&repository, words, "exit 3", ":");
        repository.xtask(["init", "brain-decoding", "--yes"]).exits(1);
        assert_eq!(state(&repository), before, "{words}");
    }
    // Half of the files are there when it fails.
    let repository = clone();
    let before = state(&repository);
    disturb(
        &repository,
        "read-tree -m",
        "echo half >python-project/src/template_package/main.py; rm LICENSE; exit 3",
        ":",
    );
    repository.xtask(["init", "brain-decoding", "--yes"]).exits(1);
    assert_eq!(state(&repository), before);
}

#[test]
fn what_a_killed_one_has_left_is_taken_back_by_the_next() {
    for words in STEPS {
        for (before, after) in [("kill -s KILL $PPID; exit", ":"), (":", "kill -s KILL $PPID")] {
            let repository = clone();
            disturb(&repository, words, before, after);
            repository.xtask(["init", "brain-decoding", "--yes"]).exits(137);
            let repository = undisturbed(repository);
            let ended = repository.xtask(["init", "brain-decoding", "--yes"]);
            ended.exits(0);
            assert_eq!(git(&repository, "status --porcelain"), "", "{words}");
            assert_eq!(
                git(&repository, "log --format=%s"),
                "Make brain-decoding of the template\ntemplate\n",
                "{words}"
            );
            assert!(!repository.path("target/xtask/init.note").exists());
        }
    }
}

#[test]
fn an_edit_made_after_a_kill_is_not_lost() {
    let repository = clone();
    disturb(&repository, "read-tree -m", ":", "kill -s KILL $PPID");
    repository.xtask(["init", "brain-decoding", "--yes"]).exits(137);
    let repository = undisturbed(repository);
    repository.write("README.md", "mine\n");
    let says = "an `init` was killed half-way, and `README.md` may have been edited since";
    repository.xtask(["init", "brain-decoding", "--yes"]).exits(1).stderr_has(says).stderr_has("git read-tree --reset");
    assert_eq!(repository.read("README.md"), "mine\n");
}

#[test]
fn a_new_folder_is_there_whole_or_not_at_all() {
    for words in ["init", "push", "read-tree", "update-ref"] {
        let repository = clone();
        let (before, folder) = (state(&repository), repository.temp("new/study"));
        disturb(&repository, words, ":", "kill -s TERM $PPID");
        repository.run(&["init", "brain", "--into", folder.to_str().unwrap(), "--yes"]).exits(143);
        assert_eq!(state(&repository), before, "{words}");
        assert!(!folder.exists() && fs::read_dir(repository.temp("new")).unwrap().next().is_none(), "{words}");
    }
    let repository = clone();
    disturb(&repository, "push", ":", "kill -s KILL $PPID");
    let arguments = ["init", "brain", "--into", "../new/study", "--yes"];
    repository.xtask(arguments).exits(137);
    assert!(!repository.temp("new/study").exists());
    let repository = undisturbed(repository);
    repository.xtask(arguments).exits(0);
    assert_eq!(fs::read_dir(repository.temp("new")).unwrap().count(), 1, "nothing is left beside it");
}
