//! Locks that are solved without building, with packages of a real index.

use std::fs;

use crate::support::{Repository, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![a_lock_of_another_platform_has_its_wheels_and_uv_takes_it, what_is_locked_stays_until_it_is_upgraded]
}

fn a_lock_of_another_platform_has_its_wheels_and_uv_takes_it(_: &Suite) {
    let repository = Repository::copy("lock-arm64");
    ask_for(&repository, "python>=3.11", &["numpy", "tqdm"]);
    repository.xtask(["lock", "--platform", "linux/arm64"]).assert().success();
    let lock = read(&repository, "dependencies/lock/linux-arm64/pylock.toml");
    assert!(lock.contains("_aarch64.whl") && !lock.contains("x86_64"), "{lock}");

    let python = read(&repository, "dependencies/lock/linux-arm64/lock.toml");
    let python = python.lines().find_map(|it| it.strip_prefix("python = \"")?.strip_suffix('"')).unwrap();
    let mut uv = command(&uv_of(&repository));
    uv.current_dir(repository.path(""))
        .args(["pip", "install", "--dry-run", "--python-platform", "aarch64-unknown-linux-gnu"])
        .args(["--python-version", python, "--target", "target/arm64", "--requirements"])
        .arg("dependencies/lock/linux-arm64/pylock.toml");
    let output = bounded(uv).assert().success().get_output().stderr.clone();
    let output = String::from_utf8(output).unwrap();
    assert!(output.contains("+ numpy==") && output.contains("+ tqdm=="), "{output}");
}

fn what_is_locked_stays_until_it_is_upgraded(_: &Suite) {
    let repository = Repository::copy("lock-upgrade");
    let lock = |more: &[&str], expected: &str| {
        let assert = repository.xtask([&["lock", "--platform", "linux/amd64"], more].concat()).assert().success();
        let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert!(said.contains(expected), "{expected} in {said}");
    };
    ask_for(&repository, "python>=3.11", &["tqdm==4.66.1  # intent: tqdm"]);
    lock(&[], "locked 1 package for linux/amd64, for the first time");
    ask_for(&repository, "python>=3.11", &["tqdm"]);
    lock(&[], "locked 1 package for linux/amd64, as before");
    // The pin is gone, and the lock is what is asked for.
    repository.xtask(["build", "--locked", "--dry-run"]).assert().success();
    ask_for(&repository, "python>=3.11", &["tqdm==4.66.1  # intent: tqdm"]);
    lock(&["--upgrade", "tqdm"], "tqdm 4.66.1 -> ");
    repository.xtask(["build", "--locked", "--dry-run"]).assert().failure();
    repository.xtask(["thaw"]).assert().success();
    repository.xtask(["build", "--locked", "--dry-run"]).assert().success();
}

/// The uv that has solved: one of the repository's own where this machine has none.
fn uv_of(repository: &Repository) -> String {
    let entries = fs::read_dir(repository.path("target/xtask")).unwrap().map(|it| it.unwrap());
    let ours = entries.into_iter().find(|it| it.file_name().to_string_lossy().starts_with("uv-"));
    ours.map_or_else(|| "uv".to_owned(), |it| it.path().join("bin/uv").to_str().unwrap().to_owned())
}

fn ask_for(repository: &Repository, python: &str, packages: &[&str]) {
    let list: String = packages.iter().map(|it| format!("    - {it}\n")).collect();
    repository.write("dependencies/environment.yml", &format!("dependencies:\n  - {python}\n  - pip:\n{list}"));
}

fn read(repository: &Repository, path: &str) -> String {
    fs::read_to_string(repository.path(path)).unwrap()
}
