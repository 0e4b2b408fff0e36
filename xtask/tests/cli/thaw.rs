//! `cargo xtask thaw`

use crate::installed::install;
use crate::repository::{ENVIRONMENT, RUNTIME, Repository};
use crate::tree::tree_of;

const ASKED: &str =
    "# Ours.\ndependencies:\n  - python>=3.11\n  - pip:\n    - Scikit_Learn>=1.4 # models\n    - tqdm\n";

const FROZEN: &str = "# Ours.\ndependencies:\n  - python=3.12.4  # intent: python>=3.11\n  - pip:\n    \
                      - Scikit_Learn==1.5.0 # models  # intent: Scikit_Learn>=1.4\n    \
                      - tqdm==4.66.0  # intent: tqdm\n";

/// A repository in which all is frozen, and locked.
fn frozen() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").dependencies(ASKED).image(RUNTIME);
    install(&repository, &["scikit-learn 1.5.0", "tqdm 4.66.0"]);
    repository.xtask(["freeze"]).exits(0);
    assert_eq!(environment(&repository), FROZEN);
    repository
}

fn environment(repository: &Repository) -> String {
    repository.read("dependencies/environment.yml")
}

#[test]
fn all_that_was_asked_for_comes_back_and_the_lock_stays() {
    let repository = frozen();
    let lock = tree_of(&repository.path("dependencies/lock"));
    let says = "xtask: environment.yml:3 python=3.12.4 -> python>=3.11\n\
                xtask: environment.yml:5 Scikit_Learn==1.5.0 -> Scikit_Learn>=1.4\n\
                xtask: environment.yml:6 tqdm==4.66.0 -> tqdm\nxtask: wrote `dependencies/environment.yml`\n";
    repository.xtask(["thaw"]).exits(0).stdout("").stderr(says);
    assert_eq!(environment(&repository), ASKED);
    assert_eq!(tree_of(&repository.path("dependencies/lock")), lock);

    repository.xtask(["freeze"]).exits(0);
    assert_eq!(environment(&repository), FROZEN);
    assert_eq!(tree_of(&repository.path("dependencies/lock")), lock, "it is a lock of the same wish");
}

#[test]
fn some_are_named_in_any_spelling() {
    let repository = frozen();
    let says = "xtask: environment.yml:3 python=3.12.4 -> python>=3.11\n\
                xtask: environment.yml:5 Scikit_Learn==1.5.0 -> Scikit_Learn>=1.4\n\
                xtask: wrote `dependencies/environment.yml`\n";
    repository.xtask(["thaw", "scikit-LEARN", "python"]).exits(0).stderr(says);
    assert_eq!(
        environment(&repository),
        format!("{}    - tqdm==4.66.0  # intent: tqdm\n", ASKED.replace("    - tqdm\n", ""))
    );
}

#[test]
fn a_name_that_is_in_no_list_is_a_finding_and_nothing_is_thawed() {
    let repository = frozen();
    let ended = repository.xtask(["thaw", "python", "tqmd", "numpy"]);
    ended.exits(1).stderr_has("error[E0343]: `tqmd` is not listed").stderr_has("did you mean `tqdm`?");
    ended.stderr_has("error[E0343]: `numpy` is not listed").never_says("python=3.12.4");
    assert_eq!(environment(&repository), FROZEN);
}

#[test]
fn where_nothing_is_frozen_it_says_so() {
    let repository = Repository::with_settings("");
    let says = "xtask: nothing is frozen in `dependencies/environment.yml`; nothing was changed\n";
    repository.xtask(["thaw"]).exits(0).stdout("").stderr(says);
    repository.xtask(["thaw", "tqdm"]).exits(0).stderr(says);
    assert_eq!(environment(&repository), ENVIRONMENT);
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let repository = frozen();
    let before = repository.tree();
    let says = "xtask (dry run): environment.yml:6 tqdm==4.66.0 -> tqdm\n\
                xtask (dry run): would write `dependencies/environment.yml`\n";
    repository.xtask(["thaw", "tqdm", "--dry-run"]).exits(0).stdout("").stderr(says);
    assert_eq!(repository.tree(), before);
}

#[test]
fn what_a_full_freeze_has_listed_goes_and_what_was_installed_by_hand_stays() {
    let repository = frozen();
    install(&repository, &["colorama 0.4.6", "rich 13.9.4", "scikit-learn 1.5.0", "tqdm 4.66.0 colorama"]);
    repository.xtask(["freeze", "--full"]).exits(0);
    assert!(environment(&repository).contains("    - colorama==0.4.6\n"));
    repository.xtask(["thaw"]).exits(0);
    assert_eq!(environment(&repository), format!("{ASKED}    - rich==13.9.4  # added by freeze\n"));
}

#[test]
fn a_file_with_errors_is_left_alone() {
    let text = FROZEN.replace("dependencies:", "dependencys:");
    let repository = Repository::with_settings("").dependencies(&text);
    repository.xtask(["thaw"]).exits(1).stderr_has("did you mean `dependencies`?");
    assert_eq!(environment(&repository), text);
}
