//! A native build that is ended in the middle: what is there afterwards is whole, and the next build succeeds.

use std::path::Path;
use std::process::Command;

use crate::at_once::waits_for_the_lock;
use crate::paused::Paused;
use crate::repository::{ENVIRONMENT, PYPROJECT, Repository};
use crate::stand_in::{Call, argv};
use crate::tree::{Tree, tree_of};

/// The steps of an environment of uv: it is made, gets its packages, gets the project. One that was there before is not made.
const fn steps(is_built: bool) -> &'static [usize] {
    if is_built { &[1, 2] } else { &[1, 2, 3] }
}

const OTHER: &str = "dependencies:\n  - python>=3.11\n  - pip:\n    - numpy\n";
const IS_BACK: &str = "xtask: a build was ended before `.venv` was whole; the one before it is back\n";

/// With the environment made, or not.
fn repository(is_built: bool) -> Repository {
    let repository = Repository::with_settings("ENGINE=native\n").note("solves");
    if is_built {
        repository.xtask(["build"]).exits(0);
    }
    repository.stand_ins.forget();
    repository
}

/// A build for [`OTHER`] packages that waits at a step.
fn paused_at(repository: &Repository, step: usize) -> Paused {
    repository.write("dependencies/environment.yml", OTHER);
    repository.stand_ins.note("pauses-at", &step.to_string());
    Paused::start(repository, &["build"])
}

fn prefix(repository: &Repository) -> Tree {
    tree_of(&repository.path(".venv"))
}

/// Expects the environment to be as one that was made without a disturbance, and nothing beside it.
#[track_caller]
fn expect_whole(repository: &Repository) {
    repository.stand_ins.forget();
    repository.xtask(["build"]).exits(0).stderr("xtask: `.venv` is up to date\n");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
    let undisturbed = self::repository(false);
    undisturbed.write("dependencies/environment.yml", &repository.read("dependencies/environment.yml"));
    undisturbed.xtask(["build"]).exits(0);
    assert_eq!(shape(&prefix(repository)), shape(&prefix(&undisturbed)));
    let is_half = |contents: &[u8]| contents == b"half\n";
    assert!(!prefix(repository).values().any(|(_, contents)| is_half(contents)), "a part is not whole");
    for name in ["prefix-aside", "prefix-begun"] {
        assert!(!repository.path(&format!("target/xtask/{name}")).exists(), "`{name}` is left");
    }
}

/// What is the same in environments of different repositories.
fn shape(prefix: &Tree) -> Vec<(&Path, u32)> {
    prefix.iter().map(|(path, (mode, _))| (path.as_path(), *mode)).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn killed_alone_it_takes_what_it_has_started_with_it_and_the_next_build_succeeds() {
    for is_built in [false, true] {
        for &step in steps(is_built) {
            let repository = repository(is_built);
            // Nothing lets the stand-in go on.
            let _stdin = paused_at(&repository, step).kill();
            repository.xtask(["build"]).exits(0).stderr_has(if is_built { IS_BACK } else { "building `.venv`" });
            expect_whole(&repository);
        }
    }
}

#[test]
fn what_outlives_it_keeps_the_next_build_waiting_which_then_succeeds() {
    for &step in steps(true) {
        let repository = repository(true);
        repository.stand_ins.note("ignores-term", "");
        let stdin = paused_at(&repository, step).kill();
        let said = waits_for_the_lock(&repository, &["build"], || drop(stdin));
        assert!(said.starts_with(IS_BACK), "{said}");
        expect_whole(&repository);
    }
}

#[test]
fn killed_it_has_not_lost_the_environment_that_was_there() {
    for &step in steps(true) {
        let repository = repository(true);
        let before = prefix(&repository);
        drop(paused_at(&repository, step).kill());
        repository.write("dependencies/environment.yml", ENVIRONMENT);
        repository.stand_ins.forget();
        let half = repository.tree();
        repository.xtask(["build", "--dry-run"]).exits(0);
        assert!(repository.tree() == half, "a dry run changes nothing here either");
        repository.xtask(["run", "python"]).exits(0).stdout("python of [ROOT]/.venv\n").stderr(IS_BACK);
        assert_eq!((repository.calls("uv"), prefix(&repository)), (Vec::<Call>::new(), before));
        expect_whole(&repository);
    }
}

#[test]
fn asked_to_stop_it_puts_the_environment_back_that_was_there_and_leaves_nothing() {
    for (signal, code, says) in
        [("TERM", 143, "ended by SIGTERM"), ("HUP", 129, "ended by SIGHUP"), ("INT", 130, "interrupted")]
    {
        for &step in steps(true) {
            let repository = repository(true);
            let before = prefix(&repository);
            let paused = paused_at(&repository, step);
            paused.send(signal);
            assert_eq!(paused.ends(), (code, format!("error: `.venv` was not built: {says}\n")), "at step {step}");
            assert_eq!(prefix(&repository), before);
            repository.write("dependencies/environment.yml", ENVIRONMENT);
            expect_whole(&repository);
        }
    }
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let repository = repository(false);
    repository.stand_ins.note("pauses-at", "2");
    let tool = repository.command();
    let mut nohup = Command::new("/bin/sh");
    nohup.args(["-c", r#"trap '' HUP; exec "$0" build"#]).arg(tool.get_program());
    nohup.env_clear().envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let paused = Paused::start_command({
        nohup.current_dir(tool.get_current_dir().unwrap());
        nohup
    });
    paused.send("HUP");
    let (code, said) = paused.goes_on();
    assert_eq!((code, said.as_str()), (0, "xtask: `.venv` is up to date\n"));
    expect_whole(&repository);
}

#[test]
fn a_project_that_was_half_installed_is_installed_again_whatever_it_says_by_then() {
    let repository = repository(true);
    repository.write("python-project/pyproject.toml", &PYPROJECT.replace("0.1.0", "0.2.0"));
    repository.stand_ins.note("pauses-at", "1");
    drop(Paused::start(&repository, &["build"]).kill());
    repository.write("python-project/pyproject.toml", PYPROJECT);
    repository.stand_ins.forget();
    repository.xtask(["build"]).exits(0).stderr_has("xtask: installing the project into `.venv` again\n");
    let install = "pip install --quiet --python [ROOT]/.venv/bin/python --no-deps --editable ./python-project";
    assert_eq!(repository.calls("uv"), [argv(install)]);
    expect_whole(&repository);
}

#[test]
fn nobody_reads_a_part_of_an_environment() {
    let repository = repository(true);
    drop(paused_at(&repository, 2).kill());
    let says = "error: `.venv` is not whole: a build goes on, or was ended; `cargo xtask build` finishes it\n";
    for verb in ["list", "drift", "freeze"] {
        repository.xtask([verb]).exits(1).stdout("").stderr(says);
    }
    repository.xtask(["status"]).exits(0).stdout_has("not whole, because a build goes on or was ended");
    repository.xtask(["down", "--yes"]).exits(0).stderr_has("xtask: removed `.venv`\n");
    assert!(!repository.path(".venv").exists() && !repository.path("target/xtask/prefix-aside").exists());
}

#[test]
fn a_uv_that_was_half_installed_is_installed_again() {
    let repository = repository(false).without("uv").stand_in("python3");
    repository.stand_ins.note("pauses-at", "1");
    let stdin = Paused::start(&repository, &["build"]).kill();
    drop(stdin);
    repository.xtask(["build"]).exits(0);
    assert_eq!(repository.calls("python3").len(), 2);
    assert!(!repository.path("target/xtask/uv-begun").exists());
}
