//! Locks that are solved without building.

use crate::installed::offer;
use crate::repository::Repository;
use crate::stand_in::{Call, Daemon, argv};

const FROZEN: &str = "dependencies:\n  - python=3.12.4  # intent: python>=3.11\n  - pip:\n    - rich\n    \
    - tqdm==4.66.0  # intent: tqdm\n";

/// A repository whose daemon is down: nothing here needs one.
fn repository() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").daemon(Daemon::Down);
    offer(&repository, &["tqdm 4.66.0", "tiny_project 0.1.0"]);
    repository.stand_ins.note("python-found", "3.12.4\n");
    repository
}

/// The arguments with which uv was asked to solve, the last time.
fn solving(repository: &Repository) -> Call {
    let calls = repository.calls("uv");
    calls.into_iter().rfind(|it| it.get(1).is_some_and(|it| it == "compile")).unwrap()
}

#[test]
fn another_platform_is_locked_without_a_daemon_and_without_the_project() {
    let repository = repository();
    let says = "xtask: locked 1 package for linux/arm64, for the first time\n\
                xtask: wrote `dependencies/lock/linux-arm64/lock.toml`, `dependencies/lock/linux-arm64/pylock.toml`\n";
    repository.xtask(["lock", "--platform", "linux/arm64"]).exits(0).stdout("").stderr(says);
    let expected = "pip compile --quiet --no-header --no-annotate --format pylock.toml \
                    --python-platform aarch64-unknown-linux-gnu --constraints constraints.txt --output-file pylock.toml \
                    requirements.txt --python-version 3.12.4";
    assert_eq!(solving(&repository), argv(expected));
    assert_eq!(repository.read("target/xtask/solve/linux-arm64/pip/requirements.txt"), "tqdm\n");
    let pylock = repository.read("dependencies/lock/linux-arm64/pylock.toml");
    assert!(pylock.contains("name = \"tqdm\"") && !pylock.contains("tiny"), "{pylock}");
    assert!(repository.read("dependencies/lock/linux-arm64/lock.toml").contains("python = \"3.12.4\""));

    let says =
        "xtask: locked 1 package for linux/arm64, as before\nxtask: the files are up to date; nothing was changed\n";
    repository.xtask(["lock", "--platform", "linux/arm64"]).exits(0).stderr(says);
}

#[test]
fn what_the_lock_has_is_kept_unless_it_is_to_be_upgraded() {
    let repository = repository().dependencies(FROZEN);
    let lock = ["lock", "--platform", "linux/arm64"];
    offer(&repository, &["rich 13.0", "tqdm 4.66.0"]);
    repository.xtask(lock).exits(0);
    let before = repository.read("dependencies/lock/linux-arm64/pylock.toml");
    let requirements = || repository.read("target/xtask/solve/linux-arm64/pip/requirements.txt");
    assert_eq!(requirements(), "rich\ntqdm==4.66.0\n");

    offer(&repository, &["rich 13.0", "tqdm 4.67.1"]);
    let says = "xtask: locked 2 packages for linux/arm64, with 1 change\n\
                xtask:   tqdm 4.66.0 -> 4.67.1\n\
                xtask: `environment.yml` pins other versions; run `cargo xtask thaw` so that a build uses this lock:\n\
                xtask:   environment.yml:5 tqdm 4.67.1 locked, ==4.66.0 required\n\
                xtask: wrote `dependencies/lock/linux-arm64/lock.toml`, `dependencies/lock/linux-arm64/pylock.toml`\n";
    repository.xtask_with(lock, ["--upgrade", "TQDM"]).exits(0).stderr(says);
    let kept = std::fs::read_to_string(repository.temp("state/kept")).unwrap();
    assert_eq!(kept, before, "uv keeps what it finds in the file that it is to write");
    assert_eq!(requirements(), "rich\ntqdm\n");
    assert!(solving(&repository).join(" ").contains(" --upgrade-package tqdm "));
    assert_eq!(repository.read("dependencies/environment.yml"), FROZEN);

    repository.xtask_with(lock, ["--upgrade"]).exits(0);
    assert!(solving(&repository).join(" ").contains(" --upgrade "));
}

#[test]
fn a_name_that_nobody_knows_and_a_platform_that_is_none_are_refused() {
    let repository = repository();
    repository
        .xtask(["lock", "--platform", "linux/arm46"])
        .exits(2)
        .stderr_has("tip: a similar value exists: 'linux/arm64'");
    let ended = repository.xtask(["lock", "--upgrade", "tqmd"]);
    ended
        .exits(1)
        .stderr_has("`tqmd` is neither listed in `environment.yml` nor locked")
        .stderr_has("did you mean `tqdm`?");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
    assert!(!repository.path("dependencies/lock").exists());
}

#[test]
fn several_platforms_are_locked_all_or_none() {
    let repository = repository();
    let both = ["lock", "--platform", "osx/arm64", "--platform", "linux/amd64"];
    repository.stand_ins.note("solving-fails-once", "");
    repository.xtask(both).exits(1).stderr_has("uv cannot solve environment.yml for linux/amd64: error: the stand-in");
    assert!(!repository.path("dependencies/lock").exists());
    repository
        .xtask_with(both, ["--dry-run"])
        .exits(0)
        .stderr_has("would write `dependencies/lock/linux-amd64/lock.toml`");
    assert!(!repository.path("dependencies/lock").exists());
    repository.xtask(both).exits(0);
    assert!(
        repository.path("dependencies/lock/linux-amd64").exists()
            && repository.path("dependencies/lock/osx-arm64").exists()
    );
}

#[test]
fn python_is_that_of_another_lock_where_environment_yml_allows_it() {
    let repository = repository();
    repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let python = |repository: &Repository| {
        let call = solving(repository);
        call[call.iter().position(|it| it == "--python-version").unwrap() + 1].clone()
    };
    repository.stand_ins.note("python-found", "3.13.1\n");
    repository.xtask(["lock", "--platform", "osx/arm64"]).exits(0);
    assert_eq!(python(&repository), "3.12.4");
    repository.xtask(["lock", "--platform", "osx/arm64", "--upgrade", "python"]).exits(0);
    assert_eq!(python(&repository), "3.13.1");

    repository.write("dependencies/environment.yml", "dependencies:\n  - python=3.10.2\n  - pip:\n    - tqdm\n");
    repository.xtask(["lock", "--platform", "osx/arm64"]).exits(0);
    assert_eq!(python(&repository), "3.10.2");
    repository.stand_ins.note("no-python", "");
    repository.write("dependencies/environment.yml", "dependencies:\n  - python=3.9\n  - pip:\n    - tqdm\n");
    let says = "environment.yml for osx/arm64: no lock has a version of Python, and uv finds none here";
    repository.xtask(["lock", "--platform", "osx/arm64"]).exits(1).stderr_has(says).stderr_has("`- python=3.12.4`");
}
