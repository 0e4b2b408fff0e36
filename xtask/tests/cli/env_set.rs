//! `cargo xtask env --set` and `--unset` change single settings.

use crate::repository::{ENV_FILE, Repository};

const MINE: &str = "# mine\nENGINE=auto # for now\n\nBASE_IMAGE='debian:12'\n";

#[test]
fn a_value_changes_and_nothing_else() {
    let repository = Repository::with_settings(MINE);
    let changed = "xtask: changed ENGINE, LOCAL_DATA_DIR in `installation/docker-amd64/.env`\n";
    let ended = repository.xtask(["env", "--set", "ENGINE=native", "--set", "LOCAL_DATA_DIR=/my data"]);
    ended.exits(0).stdout("").stderr(changed);
    let expected = MINE.replace("auto", "native") + "LOCAL_DATA_DIR='/my data'\n";
    assert_eq!(repository.read(ENV_FILE), expected);
    repository.xtask(["env", "--show"]).stdout_has("\nLOCAL_DATA_DIR='/my data'\n");
}

#[test]
fn a_removed_variable_has_its_default_again() {
    let repository = Repository::with_settings(MINE);
    repository.xtask(["env", "--unset", "BASE_IMAGE"]).exits(0);
    assert_eq!(repository.read(ENV_FILE), "# mine\nENGINE=auto # for now\n\n");
    repository.xtask(["env", "--show"]).stdout_has("\nBASE_IMAGE='' # default\n");
}

#[test]
fn what_is_so_already_is_said() {
    let repository = Repository::with_settings(MINE);
    let so = "xtask: `installation/docker-amd64/.env` says so already; nothing was changed\n";
    repository.xtask(["env", "--set", "ENGINE=auto"]).exits(0).stderr(so);
    assert_eq!(repository.read(ENV_FILE), MINE);
}

#[test]
fn images_follow_the_lab_and_what_is_called_as_before_is_told() {
    let repository = Repository::fresh();
    repository.xtask(["env"]).exits(0);
    let says = "xtask: changed LAB_NAME in `installation/docker-amd64/.env`\n\
                xtask: images are called `deep/jdoe/tiny-project` now; `docker image ls sci/jdoe/tiny-project` shows those of before\n";
    repository.xtask(["env", "--set", "LAB_NAME=deep"]).exits(0).stderr(says);
    repository.xtask(["env", "--set", "SHM_SIZE=1gb"]).exits(0).never_says("images are called");
}

#[test]
fn a_wrong_value_is_refused_and_nothing_is_written() {
    let repository = Repository::with_settings(MINE);
    repository.xtask(["env", "--set", "ENGINE=lxc"]).exits(1).stderr_has("error[E0505]: `ENGINE` must be one of");
    repository.xtask(["env", "--set", "ENGIN=auto"]).exits(1).stderr_has("did you mean `ENGINE`?");
    repository.xtask(["env", "--set", "ENGINE"]).exits(2).stderr_has("write NAME=VALUE");
    repository.xtask(["env", "--unset", "NOTHING_LIKE_IT"]).exits(1);
    assert_eq!(repository.read(ENV_FILE), MINE);
}

#[test]
fn a_wrong_value_can_be_mended_while_another_is_wrong() {
    let repository = Repository::with_settings("ENGINE=lxc\nSOLVER=pip\n");
    repository.xtask(["env", "--set", "ENGINE=docker"]).exits(0);
    assert_eq!(repository.read(ENV_FILE), "ENGINE=docker\nSOLVER=pip\n");
}

#[test]
fn a_dry_run_says_what_would_change() {
    let repository = Repository::with_settings(MINE);
    let before = repository.tree();
    repository.xtask(["env", "--set", "ENGINE=native", "--dry-run"]).exits(0).stderr_has("would change ENGINE in ");
    assert_eq!(repository.tree(), before);
}

#[test]
fn where_there_is_no_file_it_is_made_first() {
    let repository = Repository::fresh();
    repository.xtask(["env", "--set", "ENGINE=lxc"]).exits(1).never_says("created");
    assert!(!repository.path(ENV_FILE).exists(), "not for a wrong value");
    repository.xtask(["env", "--set", "ENGINE=native"]).exits(0).stderr_has("xtask: created");
    assert!(repository.read(ENV_FILE).contains("\nENGINE=native\n"));
}
