//! `cargo xtask pull`

use std::fs;

use crate::repository::{RUNTIME, Repository};
use crate::stand_in::argv;

const NAME: &str = "127.0.0.1:5000/lab/x";

/// A repository whose registry has what another one with the same inputs has pushed.
fn after_a_push() -> Repository {
    let first = Repository::with_settings("");
    first.xtask(["build"]).exits(0);
    first.xtask(["push", "--to", NAME]).exits(0);
    let second = Repository::with_settings("");
    second.stand_ins.note("registry", &fs::read_to_string(first.temp("state/registry")).unwrap());
    second
}

#[test]
fn the_image_of_the_same_inputs_is_there_instead_of_being_built() {
    let repository = after_a_push();
    let ended = repository.xtask(["pull", "--from", NAME]);
    ended.exits(0).stdout("").stderr_has(&format!("xtask: `{RUNTIME}` is up to date\n"));
    let platform = format!("linux/{}", if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" });
    let calls = [
        argv(&format!("pull --platform {platform} {NAME}:runtime-[HASH]")),
        argv(&format!("tag {NAME}:runtime-[HASH] {RUNTIME}")),
        argv(&format!("tag {NAME}:runtime-[HASH] {RUNTIME}-[HASH]")),
    ];
    assert_eq!(repository.docker_changes(), calls);
    repository.xtask(["build"]).exits(0).stderr_has(&format!("`{RUNTIME}` is up to date"));
    repository.stand_ins.forget();
    repository.xtask(["pull", "--from", NAME]).exits(0).stderr_has("is up to date: nothing to pull\n");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn of_other_inputs_the_newest_is_pulled_and_it_says_how_it_differs() {
    let repository = after_a_push();
    repository
        .write("dependencies/environment.yml", "dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm\n    - numpy\n");
    let ended = repository.xtask(["pull", "--from", NAME]);
    ended.exits(0).stderr_has(&format!(
        "`{NAME}` has no image that was built from the same inputs; pulling its newest, `{NAME}:runtime`\n"
    ));
    ended.stderr_has(&format!("warning: `{RUNTIME}` is out of date (environment.yml:5 + numpy"));
    ended.stderr_has("cargo xtask build runtime\n");
}

#[test]
fn where_there_is_none_it_says_who_can_make_one() {
    let repository = Repository::with_settings("");
    repository.xtask(["pull", "dev", "--from", NAME]).exits(1).stdout("").stderr_has(&format!(
        "error: `{NAME}:dev` does not exist: `cargo xtask build dev` builds it here, and `cargo xtask push dev --to {NAME}` \
         shares it\n"
    ));
    repository.xtask(["pull"]).exits(1).stderr_has("error: `pull` needs a registry: set REGISTRY_HOSTNAME in ");
}

#[test]
fn a_registry_that_is_not_trusted_comes_with_what_to_do() {
    let repository = Repository::with_settings("");
    let said =
        "Error response from daemon: Get \"https://h:5000/v2/\": http: server gave HTTP response to HTTPS client\n";
    repository.stand_ins.note("pull-fails", said);
    let ended = repository.xtask(["pull", "--from", "h:5000/x"]);
    ended.exits(1).stdout("").stderr_has("{\"insecure-registries\": [\"h:5000\"]} into /etc/docker/daemon.json");
    let pulls = repository.docker_changes();
    assert_eq!(pulls.len(), 1, "{pulls:?}");
}
