//! Freezing the prefix in the repository.

use crate::installed::{install, put_prefix};
use crate::repository::Repository;

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
