//! What killed clients have left in Docker, and the next call.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::repository::Repository;
use crate::run::built;
use crate::stand_in::argv;

const HOUR: Duration = Duration::from_secs(3600);

/// A repository that once had a client with such a lease.
fn with_lease(name: &str, text: &str) -> (Repository, PathBuf) {
    let repository = built("");
    let lease = repository.path("installation/docker-amd64/.dev/leases").join(name);
    fs::create_dir_all(lease.parent().unwrap()).unwrap();
    fs::write(&lease, text).unwrap();
    repository.stand_ins.note("leased", "0123\tbold_name\trunning\trun-1-2\n4567\tother_name\trunning\trun-3-4\n");
    (repository, lease)
}

fn questions(repository: &Repository) -> usize {
    repository.docker_calls().iter().filter(|it| it.contains(&"label=xtask.lease".to_owned())).count()
}

#[test]
fn a_container_whose_client_was_killed_is_removed_by_the_next_run_and_no_other_one() {
    let (repository, lease) = with_lease("run-1-2", "boot 1:2\n");
    let held = File::create(lease.with_file_name("run-3-4")).unwrap();
    held.lock().unwrap();
    let removed = "xtask: removed the container `bold_name`, whose client was killed\n";
    repository.xtask(["run", "true"]).exits(0).stdout("").stderr(removed);
    let changes = repository.docker_changes();
    assert_eq!(changes[0], argv("rm --force --volumes 0123"));
    assert_eq!((changes.len(), changes[1][0].as_str()), (2, "run"));
    // Docker may still be about to create it.
    assert!(lease.exists());

    File::open(&lease).unwrap().set_modified(SystemTime::now() - HOUR).unwrap();
    repository.xtask(["run", "true"]).exits(0);
    assert!(!lease.exists() && lease.with_file_name("run-3-4").exists());
}

#[test]
fn after_a_container_that_ends_by_itself_docker_is_asked_nothing() {
    let (repository, lease) = with_lease("run-1-2", "boot 1:2\nwatched\n");
    repository.xtask(["run", "true"]).exits(0).stderr("");
    assert_eq!(questions(&repository), 0);
    assert!(!lease.exists());
}

#[test]
fn a_container_for_the_background_is_removed_only_where_it_was_never_started() {
    let (repository, _) = with_lease("background-1-2", "boot 1:2\n");
    repository.stand_ins.note("leased", "0123\tbold_name\trunning\tbackground-1-2\n");
    repository.xtask(["run", "true"]).exits(0).stderr("");
    assert_eq!(repository.docker_changes().len(), 1);
    repository.stand_ins.note("leased", "0123\tbold_name\tcreated\tbackground-1-2\n");
    repository.xtask(["run", "true"]).exits(0).stderr_has("xtask: removed the container `bold_name`");
    assert_eq!(repository.docker_changes()[1], argv("rm --force --volumes 0123"));
}

#[test]
fn after_a_killed_exec_docker_is_asked_nothing() {
    let (repository, lease) = with_lease("exec-1-2", "boot 1:2\n");
    repository.xtask(["run", "true"]).exits(0).stderr("");
    assert_eq!(questions(&repository), 0);
    // Its client may be about to lock it.
    assert!(lease.exists());
    File::open(&lease).unwrap().set_modified(SystemTime::now() - HOUR).unwrap();
    repository.xtask(["run", "true"]).exits(0);
    assert!(!lease.exists());
}

#[test]
fn what_docker_cannot_be_asked_about_is_remembered() {
    let (repository, lease) = with_lease("run-1-2", "");
    File::open(&lease).unwrap().set_modified(SystemTime::now() - HOUR).unwrap();
    fs::remove_file(repository.temp("state/leased")).unwrap();
    repository.xtask(["run", "true"]).exits(0).stderr("");
    assert!(lease.exists());
}

#[test]
fn a_dry_run_removes_nothing() {
    let (repository, lease) = with_lease("run-1-2", "boot 1:2\nwatched\n");
    let dry = repository.xtask(["run", "--dry-run", "true"]);
    dry.exits(0).never_says("removed").never_says("docker rm");
    assert!(lease.exists() && repository.docker_changes().is_empty());
}

#[test]
fn a_pipe_or_a_link_that_somebody_puts_there_stops_nobody() {
    let (repository, lease) = with_lease("run-5-6", "boot 1:2\nwatched\n");
    let pipe = lease.with_file_name("run-7-8");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let link = lease.with_file_name("run-9-10");
    fs::write(repository.temp("victim"), "watched\n").unwrap();
    symlink(repository.temp("victim"), &link).unwrap();
    repository.xtask(["run", "true"]).exits(0).stderr("");
    assert!(repository.temp("victim").exists() && pipe.exists() && !lease.exists());
}
