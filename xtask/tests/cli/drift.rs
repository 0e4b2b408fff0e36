//! `cargo xtask drift`

use crate::installed::{LOCK, install, put_prefix};
use crate::repository::{DEV, RUNTIME, Repository};
use crate::tree::tree_of;
use crate::up::put;

/// A repository whose image was frozen.
fn frozen() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    repository.xtask(["freeze"]).exits(0);
    repository
}

#[test]
fn where_there_is_none_it_says_so() {
    let repository = frozen();
    let before = tree_of(&repository.path("dependencies"));
    let says = format!("xtask: the image `{RUNTIME}` matches environment.yml and the lock\n");
    repository.xtask(["drift"]).exits(0).stdout("").stderr(&says);
    assert_eq!(tree_of(&repository.path("dependencies")), before);
}

#[test]
fn what_is_thawed_is_no_drift() {
    let repository = frozen();
    repository.xtask(["thaw"]).exits(0);
    repository.xtask(["drift"]).exits(0).stderr_has("matches environment.yml and the lock\n");
}

#[test]
fn each_difference_is_found_in_its_line_and_the_exit_code_says_so() {
    let repository = frozen();
    repository.write(
        "dependencies/environment.yml",
        "dependencies:\n  - python=3.12.4  # intent: python>=3.11\n  - pip:\n    - numpy\n    \
         - tqdm==4.66.0  # intent: tqdm\n",
    );
    install(&repository, &["rich 13.9.4", "tqdm 4.67.1"]);
    let before = tree_of(&repository.path("dependencies"));
    let ended = repository.xtask(["drift"]);
    ended
        .exits(1)
        .stderr_has("error[E0805]: `numpy` is listed but not installed\n --> dependencies/environment.yml:4:7\n");
    ended.stderr_has("error[E0806]: tqdm 4.66.0 pinned, 4.67.1 installed\n --> dependencies/environment.yml:5:7\n");
    ended.stderr_has("error[E0807]: `rich 13.9.4` was installed with pip but is not listed\n");
    ended.stderr_has(&format!("error[E0808]: tqdm 4.66.0 locked, 4.67.1 installed\n--> {LOCK}/pylock.toml\n"));
    ended.stderr_has("keep what is installed with `cargo xtask freeze`\n");
    ended.stderr_has(&format!("xtask: the image `{RUNTIME}` differs from the dependency files\n"));
    assert_eq!(tree_of(&repository.path("dependencies")), before);
}

#[test]
fn without_a_lock_environment_yml_alone_is_compared_and_that_is_said() {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    let says = format!(
        "xtask: the image `{RUNTIME}` matches environment.yml; there is no lock yet: `cargo xtask freeze` writes one\n"
    );
    repository.xtask(["drift"]).exits(0).stderr(&says);
    install(&repository, &[]);
    repository.xtask(["drift"]).exits(1).stderr_has("`tqdm` is listed but not installed");
}

#[test]
fn a_lock_that_somebody_has_edited_is_not_compared_with() {
    let repository = frozen();
    let file = format!("{LOCK}/pylock.toml");
    repository.write(&file, &repository.read(&file).replace("4.66.0", "4.66.1"));
    let ended = repository.xtask(["drift"]);
    ended.exits(1).stderr_has("error[E0804]").stderr_has(&file).stderr_has("`git restore dependencies/lock`");
}

#[test]
fn one_of_several_places_is_compared() {
    let repository = frozen();
    put_prefix(&repository);
    repository.stand_ins.note("images", &format!("{DEV}\n"));
    put(&repository, "running", "");
    let image = format!("the image `{DEV}`");
    for (from, place) in [("container", "the dev container `p-dev-1`"), ("image", &image), ("native", "`.venv`")] {
        let says = format!("xtask: {place} matches environment.yml and the lock\n");
        repository.xtask(["drift", "--from", from]).exits(0).stderr(&says);
    }
}
