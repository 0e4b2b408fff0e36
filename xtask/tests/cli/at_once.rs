//! Two commands at once in one repository.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use crate::build::build_of;
use crate::repository::Repository;
use crate::stand_in::Call;

const WAITING: &str = "xtask: waiting for another `cargo xtask` in this repository, or for what it has started";

/// The lock, as another `cargo xtask` would hold it.
fn hold_lock(repository: &Repository) -> File {
    fs::create_dir_all(repository.path("target/xtask")).unwrap();
    let file = File::create(repository.path("target/xtask/lock")).unwrap();
    file.lock().unwrap();
    file
}

/// Starts a command while something else holds the lock, and ends that once the command says that it waits. Gives what it
/// says afterwards.
pub fn waits_for_the_lock(repository: &Repository, arguments: &[&str], end_the_other: impl FnOnce()) -> String {
    let mut child = started(repository, arguments);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let waiting = stderr.by_ref().lines().map(Result::unwrap).any(|it| it == WAITING);
    assert!(waiting, "it ended without having waited: {:?}", child.wait());
    assert_eq!(child.try_wait().unwrap(), None, "it waits");
    end_the_other();
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    said
}

fn started(repository: &Repository, arguments: &[&str]) -> Child {
    let mut command = repository.command();
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Starts a command while the lock is held, and lets go of it once the command says that it waits. Gives what it had
/// said and what was there by then, and what it said afterwards.
pub fn waits_and_finishes<T>(
    repository: &Repository,
    arguments: &[&str],
    meanwhile: impl FnOnce() -> T,
) -> (T, String) {
    let lock = hold_lock(repository);
    let mut seen = None;
    let said = waits_for_the_lock(repository, arguments, || {
        seen = Some(meanwhile());
        lock.unlock().unwrap();
    });
    (seen.unwrap(), said)
}

#[test]
fn a_second_build_waits_says_so_and_finishes() {
    let repository = Repository::with_settings("");
    let meanwhile = || (repository.docker_changes(), repository.path("target/xtask/context").exists());
    let (seen, said) = waits_and_finishes(&repository, &["build"], meanwhile);
    assert_eq!(seen, (Vec::<Call>::new(), false), "nothing is touched while another holds the lock");
    assert!(said.starts_with("xtask: building `sci/jdoe/tiny-project:runtime`"), "{said}");
    assert_eq!(repository.docker_changes(), [build_of("runtime")]);
}

#[test]
fn a_second_native_build_waits_and_makes_nothing_that_the_first_has_made() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository.xtask(["build"]).exits(0);
    let state = repository.read(".venv/xtask.json");
    fs::remove_file(repository.path(".venv/xtask.json")).unwrap();
    repository.stand_ins.forget();
    // The first one is done when it has written what it has made.
    let first = || repository.write(".venv/xtask.json", &state);
    let ((), said) = waits_and_finishes(&repository, &["build"], first);
    assert_eq!(said, "xtask: `.venv` is up to date\n");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn settings_are_made_once() {
    let repository = Repository::fresh();
    let children: Vec<Child> = (0..8).map(|_| started(&repository, &["env"])).collect();
    let outputs: Vec<_> = children.into_iter().map(|it| it.wait_with_output().unwrap()).collect();
    let said = |text: &str| outputs.iter().filter(|it| String::from_utf8_lossy(&it.stderr).contains(text)).count();
    assert!(outputs.iter().all(|it| it.status.success()));
    assert_eq!(said("created `installation/docker-amd64/.env`"), 1);
    let beside = fs::read_dir(repository.path("installation/docker-amd64")).unwrap();
    let left: Vec<_> =
        beside.map(|it| it.unwrap().file_name()).filter(|it| it.to_string_lossy().ends_with(".new")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn settings_that_change_meanwhile_are_not_lost() {
    let repository = Repository::with_settings("ENGINE=docker\n");
    let first = || repository.write(crate::repository::ENV_FILE, "ENGINE=docker\nUSR='me, meanwhile'\n");
    waits_and_finishes(&repository, &["env", "--update"], first);
    let text = repository.read(crate::repository::ENV_FILE);
    assert!(text.starts_with("ENGINE=docker\nUSR='me, meanwhile'\n"), "{text}");
    assert_eq!(text.matches("\nUSR=").count(), 1, "{text}");
}

#[test]
fn a_run_of_what_is_there_waits_for_nobody() {
    let repository = Repository::with_settings("").image(crate::repository::RUNTIME).container("echo ran");
    let _lock = hold_lock(&repository);
    repository.xtask(["run", "true"]).exits(0).stdout("ran\n").stderr("");
}

#[test]
fn the_first_runs_of_a_checkout_may_start_at_once() {
    for _ in 0..4 {
        let repository = Repository::with_settings("").image(crate::repository::RUNTIME).container("echo ran");
        let children: Vec<Child> = (0..8).map(|_| started(&repository, &["run", "true"])).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && output.stdout == b"ran\n", "{said}");
        }
    }
}
