//! `cargo xtask env --update` completes a settings file.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use crate::repository::{ENV_FILE, Repository};

/// A file as an older version made it, and a person changed it.
const OLDER: &str =
    "# my notes, with trailing blanks   \n\nUSRID=77\n\n  export BASE_IMAGE='debian:12' # mine\nENGINE=docker";

#[test]
fn it_keeps_every_byte_of_the_users_and_adds_what_is_missing() {
    let repository = Repository::with_settings(OLDER);
    let ended = repository.xtask(["env", "--update"]);
    ended.exits(0).stdout("").stderr_has("xtask: added GRPID, USR, GRP, LAB_NAME, PROJECT_NAME, PACKAGE_NAME, ");
    let text = repository.read(ENV_FILE);
    let added = text.strip_prefix(OLDER).expect("the user's text comes first, unchanged");
    assert!(added.starts_with('\n'), "{added}");
    let has = |name: &str| added.lines().any(|it| it.starts_with(&format!("{name}=")));
    assert!(has("GRPID") && has("WANDB_API_KEY") && has("SOLVER"), "{added}");
    assert!(!has("USRID") && !has("BASE_IMAGE") && !has("ENGINE"), "{added}");
    repository.xtask(["env", "--show"]).exits(0).stdout_has("USRID=77\n").stdout_has("BASE_IMAGE=debian:12\n");
}

#[test]
fn a_second_time_there_is_nothing_to_add() {
    let repository = Repository::with_settings(OLDER);
    repository.xtask(["env", "--update"]).exits(0);
    let before = repository.tree();
    let complete = "xtask: `installation/docker-amd64/.env` is up to date; nothing was changed\n";
    repository.xtask(["env", "--update"]).exits(0).stdout("").stderr(complete);
    assert_eq!(repository.tree(), before);
}

#[test]
fn without_it_nothing_is_added_but_said_what_would_be() {
    let repository = Repository::with_settings(OLDER);
    let before = repository.tree();
    let would = "xtask: `installation/docker-amd64/.env` was not changed; \
                 `cargo xtask env --update` adds GRPID, ";
    repository.xtask(["env"]).exits(0).stdout("").stderr_has(would);
    assert_eq!(repository.tree(), before);
}

#[test]
fn a_dry_run_says_what_would_be_added() {
    let repository = Repository::with_settings(OLDER);
    let before = repository.tree();
    repository
        .xtask(["env", "--update", "--dry-run"])
        .exits(0)
        .stdout("")
        .stderr_has("xtask (dry run): would add GRPID, ");
    assert_eq!(repository.tree(), before);
}

#[test]
fn the_file_is_private_afterwards() {
    let repository = Repository::with_settings(OLDER);
    fs::set_permissions(repository.path(ENV_FILE), fs::Permissions::from_mode(0o644)).unwrap();
    repository.xtask(["env", "--update"]).exits(0);
    assert_eq!(fs::metadata(repository.path(ENV_FILE)).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn where_there_is_no_file_it_is_made() {
    let repository = Repository::fresh();
    repository.xtask(["env", "--update"]).exits(0).stderr_has("xtask: created");
    assert!(repository.path(ENV_FILE).exists());
}
