//! `cargo xtask up`

use crate::build::build_of;
use crate::repository::{DEV, Repository};
use crate::stand_in::Call;

/// The id of the dev container that the stand-in makes.
pub const ID: &str = "0123abcd";

const READY: &str = "xtask: the dev container is ready: `cargo xtask shell`, `cargo xtask exec -- COMMAND`\n";

/// A repository whose dev container runs.
pub fn living(settings: &str) -> Repository {
    let repository = Repository::with_settings(settings).image(DEV);
    repository.xtask(["up"]).exits(0);
    repository.stand_ins.forget();
    repository
}

/// What compose was asked to do, each with the words behind its files.
pub fn compose_verbs(repository: &Repository) -> Vec<String> {
    let is_option = |it: &&[String]| it[0].starts_with("--");
    let words = |call: Call| {
        let options = call[1..].chunks(2).take_while(is_option).count() * 2;
        call[1 + options..].join(" ")
    };
    repository.docker_changes().into_iter().filter(|it| it[0] == "compose").map(words).collect()
}

/// The names of the files that compose was last given.
pub fn compose_files(repository: &Repository) -> Vec<String> {
    let call = repository.docker_changes().into_iter().rfind(|it| it[0] == "compose").unwrap();
    let files = call.windows(2).filter(|it| it[0] == "--file");
    files.map(|it| it[1].rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn the_dev_container_is_started_and_ready() {
    let repository = Repository::with_settings("").image(DEV);
    let says = format!("xtask: starting the dev container from `{DEV}`\n{READY}");
    repository.xtask(["up"]).exits(0).stdout("").stderr(&says);
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
    assert_eq!(compose_files(&repository), ["compose.yaml"]);
}

#[test]
fn its_image_is_built_where_it_is_missing() {
    let repository = Repository::with_settings("");
    repository.xtask(["up"]).exits(0).stderr_has(&format!("xtask: building `{DEV}` with uv, because "));
    assert_eq!(repository.docker_changes()[0], build_of("dev"));
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
}

#[test]
fn a_second_time_changes_nothing_and_says_so() {
    let repository = living("");
    let says = format!("xtask: the dev container is running already, up 1 second\n{READY}");
    repository.xtask(["up"]).exits(0).stdout("").stderr(&says);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}
