//! A disk that is full: which one, how much is free, and what makes room.

use std::fs;

use crate::doctor::about;
use crate::repository::Repository;

const NO_ROOM: &str = "#9 1.2 tar: /opt/env/x: Cannot write: No space left on device\n";
const FIX: &str = "`cargo xtask prune` removes what this project no longer needs";

/// With a disk of which so many kibibytes are free, and a daemon whose directory is on it.
fn with_disk(settings: &str, free: u64) -> Repository {
    let repository = Repository::with_settings(settings).stand_in("df");
    repository.stand_ins.note("disk", &format!("/dev/sda1 100 99 {free} 99% /srv\n"));
    fs::create_dir(repository.temp("docker-root")).unwrap();
    let root = repository.temp("docker-root");
    let info = serde_json::json!({"ServerVersion": "28.2.2", "Driver": "overlay2", "DockerRootDir": root});
    repository.stand_ins.note("info", &info.to_string());
    repository
}

#[test]
fn a_build_that_finds_no_room_says_which_disk_it_is_and_what_helps() {
    for target in ["runtime", "all"] {
        let repository = with_disk("ENGINE=docker\n", 20480);
        repository.stand_ins.note("build-fails", NO_ROOM);
        let ended = repository.xtask(["build", target]);
        ended
            .exits(1)
            .stderr_has(&format!("not built (the disk was full; free now: 20 MiB at `/srv`; {FIX}): `docker`"));
    }
}

#[test]
fn the_disk_of_a_daemon_elsewhere_is_not_this_machines() {
    let repository = with_disk("ENGINE=docker\n", 20480).variable("DOCKER_HOST", "ssh://lab.example.org");
    repository.stand_ins.note("build-fails", NO_ROOM);
    repository.xtask(["build"]).exits(1).stderr_has(&format!("(the disk of the Docker daemon is full; {FIX})"));
}

#[test]
fn a_build_that_fails_otherwise_says_nothing_of_disks() {
    let repository = with_disk("ENGINE=docker\n", 20480).note("build-fails");
    repository.xtask(["build"]).exits(1).never_says("disk");
}

#[test]
fn a_native_build_that_finds_no_room_says_so_too() {
    let repository = with_disk("ENGINE=native\n", 20480);
    repository.stand_ins.note("pip-fails-once", "error: failed to write: No space left on device (os error 28)\n");
    let ended = repository.xtask(["build"]);
    ended.exits(1).stderr_has("error: failed to write: No space left on device (os error 28)\n");
    let expected =
        format!("`.venv` was not built: a disk was full; free now: 20 MiB at `/srv`; {FIX}: `[TEMP]/bin/uv`");
    ended.stderr_has(&expected);
}

#[test]
fn a_pull_that_finds_no_room_says_what_helps() {
    let repository = with_disk("ENGINE=docker\n", 20480);
    repository.stand_ins.note("pull-fails", "failed to register layer: write /opt/env/x: no space left on device\n");
    let ended = repository.xtask(["pull", "--from", "registry.example.org/lab/study"]);
    ended.exits(1).stderr_has("was not pulled: the disk of the Docker daemon is full: failed to register layer");
    ended.stderr_has("(fix: cargo xtask prune, which removes what this project no longer needs)");
}

#[test]
fn doctor_tells_of_a_full_disk() {
    let repository = with_disk("", 20480);
    let disk = about(&repository, "free disk");
    assert_eq!((disk.state.as_str(), disk.fix.as_deref()), ("warning", Some("cargo xtask prune")));
    assert_eq!(disk.text, "full: 20 MiB at [TEMP]/docker-root");
    let native = with_disk("ENGINE=native\n", 20480).without("docker");
    let disk = about(&native, "repository disk");
    assert_eq!((disk.text.as_str(), disk.fix.as_deref()), ("full: 20 MiB at [ROOT]", Some("cargo xtask prune")));
}
