//! An `update` that somebody or something stops, at each step of git: the project is the old one or the new one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::init::{git, state};
use crate::repository::Repository;
use crate::update::Study;

/// Has another program stand for git.
pub fn replace_git(repository: &Repository, script: &str) {
    let path = repository.bin().join("git");
    _ = fs::remove_file(&path);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Has the git that is called as the `step`th do something more, `before` or `after` it.
fn disturb_step(repository: &Repository, step: usize, before: &str, after: &str) {
    let count = repository.temp("count");
    _ = fs::remove_file(&count);
    let at_step = |then: &str| format!("if [ $step -eq {step} ]; then {then}; fi\n");
    let script = format!(
        "#!/bin/sh\nstep=$(($(cat {0} 2>/dev/null || echo 0) + 1))\necho $step >{0}\n{1}/usr/bin/git \"$@\"\ncode=$?\n{2}exit $code\n",
        count.display(),
        at_step(before),
        at_step(after)
    );
    replace_git(repository, &script);
}

fn undisturb(repository: &Repository) {
    replace_git(repository, "#!/bin/sh\nexec /usr/bin/git \"$@\"\n");
}

/// Disturbs an update at one step after the other, until one has no such step and exits with `end`; `check` sees each, with its exit
/// code.
fn at_each_step(study: &Study, before: &str, after: &str, end: i32, check: impl Fn(usize, i32)) -> usize {
    let (head, tree) = (study.git("rev-parse HEAD"), study.repository.temp("count"));
    for step in 1.. {
        disturb_step(&study.repository, step, before, after);
        let ended = study.repository.xtask(["update", "--yes"]);
        let steps: usize = fs::read_to_string(&tree).unwrap().trim().parse().unwrap();
        undisturb(&study.repository);
        let is_disturbed = steps >= step;
        if is_disturbed {
            check(step, ended.code());
        }
        // Back to where it began.
        git(&study.repository, "reset --quiet --hard");
        git(&study.repository, &format!("reset --quiet --hard {}", head.trim()));
        for name in study.git("for-each-ref --format=%(refname) refs/xtask").lines() {
            git(&study.repository, &format!("update-ref -d {name}"));
        }
        if !is_disturbed {
            assert_eq!(ended.code(), end, "step {step}: {ended:#?}");
            return step;
        }
    }
    unreachable!()
}

#[test]
fn one_that_is_killed_at_any_step_is_done_or_taken_back_by_the_next() {
    let study = Study::new().edited().gone_on();
    let old = state(&study.repository);
    study.repository.xtask(["update", "--yes"]).exits(0);
    let new = state(&study.repository);
    git(&study.repository, &format!("reset --quiet --hard {}", old.0.trim()));
    let steps = at_each_step(&study, ":", "kill -s KILL $PPID", 0, |step, code| {
        assert_eq!(code, 137, "step {step}");
        study.repository.xtask(["update", "--yes"]).exits(0);
        let found = state(&study.repository);
        assert_eq!((&found.1, &found.2), (&new.1, &new.2), "step {step}");
        assert_eq!(study.git("rev-parse HEAD^"), old.0, "step {step}");
        assert!(!study.repository.path("target/xtask/init.note").exists(), "step {step}");
    });
    assert!(steps > 20, "only {steps} steps");
}

#[test]
fn one_with_conflicts_that_is_killed_at_any_step_can_be_taken_back() {
    let study = Study::new().in_conflict();
    let old = state(&study.repository);
    study.repository.xtask(["update", "--yes"]).exits(1);
    let open = state(&study.repository);
    study.repository.xtask(["update", "--abort"]).exits(0);
    assert_eq!(state(&study.repository), old);
    at_each_step(&study, ":", "kill -s KILL $PPID", 1, |step, code| {
        assert_eq!(code, 137, "step {step}");
        study.repository.xtask(["update", "--yes"]).exits(1);
        assert_eq!(state(&study.repository), open, "step {step}");
        study.repository.xtask(["update", "--abort"]).exits(0);
        assert_eq!(state(&study.repository), old, "step {step}");
    });
}

#[test]
fn one_that_fails_or_is_interrupted_at_any_step_leaves_the_project_as_it_was() {
    let study = Study::new().edited().gone_on();
    let old = state(&study.repository);
    let is_old_or_new = |step: usize, code: i32| {
        let found = state(&study.repository);
        let is_new = study.git("rev-parse HEAD^") == old.0 && found.1.is_empty();
        assert!(found == old || is_new, "step {step}, exit code {code}: {found:#?}");
        assert!(code != 0 || is_new || found == old, "step {step}");
        assert!(!study.repository.path("target/xtask/init.note").exists(), "step {step}");
    };
    at_each_step(&study, "exit 3", ":", 0, is_old_or_new);
    at_each_step(&study, ":", "kill -s TERM $PPID", 0, is_old_or_new);
}

#[test]
fn an_abort_that_is_killed_is_done_by_the_next() {
    let study = Study::new().in_conflict();
    let old = state(&study.repository);
    for step in 1.. {
        study.repository.xtask(["update", "--yes"]).exits(1);
        disturb_step(&study.repository, step, ":", "kill -s KILL $PPID");
        let ended = study.repository.xtask(["update", "--abort"]);
        undisturb(&study.repository);
        if ended.code() == 137 && state(&study.repository) != old {
            study.repository.xtask(["update", "--abort"]).exits(0);
        }
        assert_eq!(state(&study.repository), old, "step {step}");
        if ended.code() == 0 {
            return;
        }
    }
}
