//! `cargo xtask restart`

use crate::repository::{DEV, Repository};
use crate::stand_in::Call;
use crate::up::{compose_files, compose_verbs, living, put};

#[test]
fn the_container_is_stopped_and_started_as_it_was() {
    let repository = living("");
    put(&repository, "running", "ssh");
    repository.xtask(["restart"]).exits(0).stdout("");
    assert_eq!(compose_verbs(&repository), ["stop", "start"]);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.ssh.yaml"]);
}

#[test]
fn without_a_container_it_says_what_to_do() {
    let repository = Repository::with_settings("").image(DEV);
    let expected = "error: there is no dev container: `cargo xtask up` starts one\n";
    repository.xtask(["restart"]).exits(1).stdout("").stderr(expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}
