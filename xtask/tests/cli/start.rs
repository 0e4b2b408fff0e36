//! `cargo xtask start`

use crate::repository::{DEV, Repository};
use crate::stand_in::Call;
use crate::up::{compose_files, compose_verbs, living, put};

#[test]
fn the_container_that_was_stopped_goes_on_as_it_was() {
    let repository = living("");
    put(&repository, "exited", "jupyter");
    let says = "xtask: the dev container is stopped; starting it again\n";
    repository.xtask(["start"]).exits(0).stdout("").stderr(says);
    assert_eq!(compose_verbs(&repository), ["start"]);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.jupyter.yaml"]);
    repository.xtask(["exec", "true"]).exits(0);
}

#[test]
fn one_that_runs_is_left_alone() {
    let repository = living("");
    repository.xtask(["start"]).exits(0).stderr("xtask: the dev container is already running, up 1 second\n");
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn it_makes_none() {
    let repository = Repository::with_settings("").image(DEV);
    let expected = "error: there is no dev container: `cargo xtask up` starts one\n";
    repository.xtask(["start"]).exits(1).stdout("").stderr(expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}
