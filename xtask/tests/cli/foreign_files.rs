//! What is read from the repository is a file of the repository.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::repository::{ENV_FILE, Repository};
use crate::stand_in::Call;

/// The files that get into an image or decide about one.
const READ: [&str; 10] = [
    "dependencies/apt-dev.txt",
    "dependencies/environment.yml",
    "dependencies/lock/linux-amd64/lock.toml",
    "installation/docker-amd64/Dockerfile",
    "installation/docker-amd64/compose.yaml",
    "xtask/scripts/download.sh",
    "xtask/scripts/mine.sh",
    "xtask/scripts/run/entrypoint.sh",
    "python-project/README.md",
    "python-project/pyproject.toml",
];

const PYPROJECT: &str = "[project]\nname = 'tiny-package'\nversion = '1'\nreadme = 'README.md'\n";

fn repository() -> Repository {
    let repository = Repository::fresh().dependencies("dependencies:\n  - python=3.12\n");
    repository.write("python-project/pyproject.toml", PYPROJECT);
    repository.write("python-project/README.md", "here\n");
    repository
}

/// Puts something else in the place of a file, with the text of the file if it was one.
fn replace(repository: &Repository, file: &str, make: impl Fn(&std::path::Path, &[u8])) {
    let path = repository.path(file);
    let text = fs::read(&path).unwrap_or_default();
    _ = fs::remove_file(&path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    make(&path, &text);
}

fn verb_that_reads(file: &str) -> &'static str {
    if file.ends_with("compose.yaml") { "up" } else { "build" }
}

#[test]
fn a_link_out_of_the_repository_is_refused_before_anything_starts() {
    for file in READ {
        let repository = repository();
        let outside = repository.temp("outside");
        replace(&repository, file, |path, text| {
            fs::write(&outside, text).unwrap();
            symlink(&outside, path).unwrap();
        });
        let found = "error[E0105]: a link leads out of the repository, to `[TEMP]/outside`";
        if !file.contains("/lock/") {
            repository.xtask(["check", "--format", "short"]).exits(1).stdout_has(&format!("{file}: {found}"));
        }
        repository.xtask([verb_that_reads(file)]).exits(1).stderr_has(found).stderr_has(&format!("--> {file}"));
        // `up` makes a missing image before it asks compose for the container.
        let mut started = repository.docker_changes();
        started.retain(|it| it[0] == "compose" || !file.ends_with("compose.yaml"));
        assert_eq!(started, Vec::<Call>::new(), "{file}");
    }
}

#[test]
fn a_folder_that_leads_out_of_the_repository_is_refused() {
    let repository = repository();
    let scripts = repository.path("xtask/scripts/run");
    let outside = repository.temp("outside");
    fs::rename(&scripts, &outside).unwrap();
    symlink(&outside, &scripts).unwrap();
    repository.xtask(["build"]).exits(1).stderr_has("error[E0105]").stderr_has("scripts/run/entrypoint.sh");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_link_within_the_repository_is_followed() {
    let repository = repository();
    let [script, own] = ["xtask/scripts/download.sh", "xtask/scripts/own"];
    let text = repository.read(script);
    fs::create_dir(repository.path(own)).unwrap();
    fs::rename(repository.path(script), repository.path(own).join("real.sh")).unwrap();
    symlink("own/real.sh", repository.path(script)).unwrap();
    repository.xtask(["check"]).exits(0).stdout("");
    repository.xtask(["build"]).exits(0);
    assert_eq!(repository.read("target/xtask/context/scripts/download.sh"), text);
}

#[test]
fn what_has_no_end_is_refused_and_not_waited_for() {
    for file in READ.into_iter().chain([ENV_FILE]) {
        let repository = repository();
        replace(&repository, file, |path, _| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        });
        let found = "error[E0105]: a named pipe is where a file should be";
        repository.xtask([verb_that_reads(file)]).exits(1).stderr_has(found);
    }
}

#[test]
fn a_directory_in_the_place_of_a_file_is_told() {
    for file in ["dependencies/environment.yml", "installation/docker-amd64/Dockerfile"] {
        let repository = repository();
        replace(&repository, file, |path, _| fs::create_dir(path).unwrap());
        repository
            .xtask(["check", "--format", "short"])
            .exits(1)
            .stdout_has(&format!("{file}: error[E0105]: a directory is where a file should be"));
    }
}

#[test]
fn an_editors_lock_is_no_script() {
    let repository = repository();
    symlink("me@machine.1234", repository.path("xtask/scripts/.#download.sh")).unwrap();
    repository.xtask(["check"]).exits(0).stdout("");
}

#[test]
fn the_settings_may_be_kept_elsewhere() {
    let repository = Repository::with_settings("IMAGE_NAME=mine\n");
    let outside = repository.temp("settings");
    replace(&repository, ENV_FILE, |path, text| {
        fs::write(&outside, text).unwrap();
        symlink(&outside, path).unwrap();
    });
    repository.xtask(["env", "--show"]).exits(0).stdout_has("mine");
}
