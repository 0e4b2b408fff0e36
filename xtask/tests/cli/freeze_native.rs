//! Freezing the prefix in the repository.

use serde_json::json;

use crate::installed::{LOCK, install, put_prefix, snapshot};
use crate::repository::{RUNTIME, Repository};

#[test]
fn what_was_frozen_is_not_made_anew() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository.xtask(["build"]).exits(0);
    install(&repository, &["tqdm 4.67.1", "by-hand 1.0"]);
    put_prefix(&repository);
    repository.xtask(["freeze"]).exits(0);

    repository.stand_ins.forget();
    let ended = repository.xtask(["build"]);
    ended.exits(0).stderr("xtask: `.venv` is up to date\n");
    assert!(repository.calls("uv").is_empty(), "nothing is installed again");
}

#[test]
fn what_is_on_record_of_the_image_stays() {
    let repository = Repository::with_settings("").image(RUNTIME).variable("BASE_IMAGE", "debian:12");
    install(&repository, &["tqdm 4.66.0"]);
    put_prefix(&repository);
    let mut of_image = snapshot(&["tqdm 4.66.0"]);
    of_image["apt"] = json!([{"name": "git", "version": "1:2.39", "architecture": "amd64"}]);
    repository.stand_ins.note("snapshot", &of_image.to_string());
    repository.xtask(["freeze", "--from", "image"]).exits(0);
    let record = || ["lock.toml", "apt.txt"].map(|it| repository.read(&format!("{LOCK}/{it}")));
    let before = record();
    assert!(before[0].contains("debian:12") && before[1].contains("git=1:2.39\n"), "{before:?}");
    install(&repository, &["tqdm 4.66.0"]);
    repository.xtask(["freeze", "--from", "native"]).exits(0);
    assert_eq!(record(), before);
}
