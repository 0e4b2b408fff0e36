//! `cargo xtask stop`

use crate::repository::{DEV, Repository};
use crate::stand_in::Call;
use crate::up::{compose_files, compose_verbs, living, put};

#[test]
fn the_container_is_stopped_and_stays() {
    let repository = living("");
    repository.xtask(["stop"]).exits(0).stdout("").stderr("");
    assert_eq!(compose_verbs(&repository), ["stop"]);
    repository.xtask(["exec", "true"]).exits(0).stderr("xtask: the dev container is stopped; starting it again\n");
}

#[test]
fn compose_gets_the_files_and_variables_that_the_container_was_made_from() {
    let repository = living("SHM_SIZE=1gb\n").variable("COMPOSE_FILE", "/elsewhere.yaml");
    put(&repository, "running", "ssh,jupyter");
    repository.xtask(["stop"]).exits(0);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.ssh.yaml", "compose.jupyter.yaml"]);
    let variable = |name: &str| repository.stand_ins.variable("docker", name);
    assert_eq!(variable("XTASK_EXTRAS").as_deref(), Some("ssh,jupyter"));
    assert_eq!(variable("XTASK_HOSTNAME").as_deref(), Some("tiny-project"));
    assert_eq!(variable("NO_NEW_PRIVILEGES").as_deref(), Some("false"), "a default that .env does not have");
    assert_eq!(variable("COMPOSE_FILE"), None);
}

#[test]
fn a_second_time_changes_nothing_and_says_so() {
    let repository = living("");
    put(&repository, "exited", "");
    repository.xtask(["stop"]).exits(0).stdout("").stderr("xtask: the dev container is already stopped\n");
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn without_a_container_it_says_what_to_do() {
    let expected = "error: there is no dev container: `cargo xtask up` starts one\n";
    Repository::with_settings("").image(DEV).xtask(["stop"]).exits(1).stdout("").stderr(expected);
}
