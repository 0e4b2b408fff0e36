//! `cargo xtask size`

use crate::repository::{RUNTIME, Repository};
use crate::stand_in::Daemon;

#[test]
fn without_an_image_it_names_the_command_that_builds_it() {
    let expected = format!("error: `{RUNTIME}` has not been built yet: `cargo xtask build runtime`\n");
    Repository::with_settings("").xtask(["size"]).exits(1).stdout("").stderr(&expected);
}

#[test]
fn without_docker_there_is_nothing_to_measure() {
    let repository = Repository::with_settings("").daemon(Daemon::Down);
    repository.xtask(["size"]).exits(1).stdout("").stderr_has("error: `size` needs Docker");
}

#[test]
fn a_limit_needs_its_unit() {
    let repository = Repository::with_settings("");
    repository.xtask(["size", "--max", "2"]).exits(2).stderr_has("MiB or GiB, such as `2GiB`");
    repository.xtask(["size", "--max", "2gb"]).exits(2);
    assert!(repository.docker_calls().is_empty());
}
