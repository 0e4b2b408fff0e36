//! A change of several files that was interrupted: what its journal does, and what it must not do.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::{Value, json};

use crate::repository::{ENVIRONMENT, Repository};

const JOURNAL: &str = "target/xtask/journal.json";
const ENVIRONMENT_YML: &str = "dependencies/environment.yml";
const APT: &str = "dependencies/lock/linux-riscv64/apt.txt";
const FROZEN: &str = "dependencies:\n  - python>=3.12\n  - pip:\n    - tqdm\n";

/// What a writer has noted that was killed before it wrote a lock and then environment.yml.
fn killed() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n");
    let metadata = fs::metadata(repository.path(ENVIRONMENT_YML)).unwrap();
    let old = json!({ "text": ENVIRONMENT, "modified": [metadata.mtime(), metadata.mtime_nsec()] });
    let change = |path: &str, old: Value, new: &str| json!({ "path": path, "old": old, "new": { "text": new } });
    let files = [change(APT, Value::Null, "git=1\n"), change(ENVIRONMENT_YML, old, FROZEN)];
    repository.write(JOURNAL, &json!({ "files": files }).to_string());
    repository
}

fn is_finished(repository: &Repository) -> bool {
    repository.read(ENVIRONMENT_YML) == FROZEN
        && repository.read(APT) == "git=1\n"
        && !repository.path(JOURNAL).exists()
}

#[test]
fn it_is_finished_by_the_next_command_whichever_it_is() {
    for verb in ["check", "list", "drift", "thaw", "status"] {
        let repository = killed();
        repository.xtask(["--dry-run", verb]);
        assert_eq!(repository.read(ENVIRONMENT_YML), ENVIRONMENT, "`--dry-run {verb}` changes nothing");
        assert!(repository.path(JOURNAL).exists());

        let says = format!("finished a change of `{APT}`, `{ENVIRONMENT_YML}` that was interrupted\n");
        repository.xtask([verb]).stderr_has(&says);
        assert!(is_finished(&repository), "{verb}");
    }
}

#[test]
fn the_next_change_of_settings_comes_after_it() {
    let repository = killed();
    repository.xtask(["env", "--set", "SHM_SIZE=2gb"]).exits(0);
    assert!(is_finished(&repository));
}

#[test]
fn an_edit_made_since_stays_and_is_named() {
    let repository = killed();
    repository.write(ENVIRONMENT_YML, "dependencies: [python]\n");
    let says = format!("`{ENVIRONMENT_YML}` changed after a command that was writing there had been interrupted");
    repository.xtask(["check"]).stderr_has(&says);
    assert_eq!(repository.read(ENVIRONMENT_YML), "dependencies: [python]\n");
    assert!(!repository.path(JOURNAL).exists());
}

#[test]
fn where_all_was_written_nothing_is_written_again() {
    let repository = killed();
    repository.write(APT, "git=2\n");
    repository.write(ENVIRONMENT_YML, FROZEN);
    repository.xtask(["check"]).never_says("interrupted");
    assert_eq!(repository.read(APT), "git=2\n");
    assert!(!repository.path(JOURNAL).exists());
}

#[test]
fn what_cannot_be_finished_stops_those_who_write_and_not_those_who_read() {
    let repository = killed();
    // No folder can be made there.
    repository.write("dependencies/lock/linux-riscv64", "in the way");
    let says = "a change that was interrupted waits in `target/xtask/journal.json`, and cannot be finished";
    for verb in ["check", "status", "drift", "list"] {
        repository.xtask([verb]).stderr_has(&format!("warning: {says}"));
    }
    repository.xtask(["check"]).exits(0);
    repository.xtask(["thaw"]).exits(1).stderr_has(&format!("error: {says}"));
    assert_eq!(repository.read(ENVIRONMENT_YML), ENVIRONMENT);
    assert!(repository.path(JOURNAL).exists());
}

#[test]
fn a_journal_that_this_tool_has_not_written_is_removed_and_changes_nothing() {
    let elsewhere = json!({ "files": [{ "path": "xtask/Cargo.toml", "old": null, "new": { "text": "x" } }] });
    for text in ["", "{", &elsewhere.to_string()] {
        let repository = Repository::with_settings("ENGINE=docker\n");
        let manifest = repository.read("xtask/Cargo.toml");
        repository.write(JOURNAL, text);
        let says = "removed `target/xtask/journal.json`, because this tool has not written it as it is: ";
        repository.xtask(["check"]).exits(0).stderr_has(says);
        assert!(!repository.path(JOURNAL).exists());
        assert_eq!(repository.read("xtask/Cargo.toml"), manifest);
    }
}

#[test]
fn a_copied_repository_finishes_it_for_itself() {
    let original = killed();
    let copy = original.temp("copy");
    let copied = assert_cmd::Command::new("cp").arg("-a").arg(original.path("")).arg(&copy).unwrap();
    assert!(copied.status.success());
    original.command().arg("check").current_dir(&copy).output().unwrap();
    assert_eq!(fs::read_to_string(copy.join(ENVIRONMENT_YML)).unwrap(), FROZEN);
    assert_eq!(original.read(ENVIRONMENT_YML), ENVIRONMENT);
    assert!(original.path(JOURNAL).exists());
}

#[test]
fn the_journal_of_the_settings_is_private() {
    let repository = Repository::with_settings("WANDB_API_KEY=k\n");
    // It stays where the last step cannot be made.
    fs::create_dir_all(repository.path(JOURNAL)).unwrap();
    fs::write(repository.path(JOURNAL).join("in-the-way"), "").unwrap();
    repository.xtask(["env", "--set", "SHM_SIZE=2gb"]).exits(1);
    assert_eq!(repository.read("installation/docker-amd64/.env"), "WANDB_API_KEY=k\n");
    fs::remove_dir_all(repository.path(JOURNAL)).unwrap();

    fs::set_permissions(repository.path("installation/docker-amd64/.env"), fs::Permissions::from_mode(0o664)).unwrap();
    repository.xtask(["env", "--set", "SHM_SIZE=2gb"]).exits(0);
    let mode = fs::metadata(repository.path("installation/docker-amd64/.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
