//! `cargo xtask push`

use crate::repository::Repository;
use crate::stand_in::{Daemon, argv};

const REGISTRY: &str = "REGISTRY_HOSTNAME=registry.example.org:5000\n";
const RUNTIME: &str = "registry.example.org:5000/sci/jdoe/tiny-project:runtime";

#[test]
fn the_image_goes_to_its_registry_with_all_of_its_tags_and_the_newest_last() {
    let repository = Repository::with_settings(REGISTRY);
    repository.xtask(["build"]).exits(0);
    repository.stand_ins.forget();
    let ended = repository.xtask(["push"]);
    ended.exits(0).stdout("").stderr_has(&format!("xtask: pushing `{RUNTIME}` to `{RUNTIME}`\n"));
    // By what was asked for, and by what was solved.
    let by_inputs = argv(&format!("push {RUNTIME}-[HASH]"));
    let pushed = [by_inputs.clone(), by_inputs, argv(&format!("push {RUNTIME}"))];
    assert_eq!(repository.docker_changes(), pushed);
}

#[test]
fn a_dry_run_only_prints_it() {
    let repository = Repository::with_settings(REGISTRY).image(RUNTIME);
    repository.xtask(["push", "--dry-run"]).exits(0).stdout(&format!("docker push {RUNTIME}\n"));
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn another_name_can_be_given_for_once() {
    let repository = Repository::with_settings("").image("sci/jdoe/tiny-project:runtime");
    repository.xtask(["push", "--to", "127.0.0.1:5000/lab/x"]).exits(0);
    let calls = [
        argv("tag sci/jdoe/tiny-project:runtime 127.0.0.1:5000/lab/x:runtime"),
        argv("push 127.0.0.1:5000/lab/x:runtime"),
    ];
    assert_eq!(repository.docker_changes(), calls);
    repository.xtask(["push", "--to", "127.0.0.1:5000/lab/x:mine"]).exits(2).stderr_has("has a tag");
}

#[test]
fn without_a_registry_it_says_where_to_name_one() {
    let repository = Repository::with_settings("").image("sci/jdoe/tiny-project:runtime");
    let expected = "error: `push` needs a registry: set REGISTRY_HOSTNAME in `installation/docker-amd64/.env`, \
                    or name one with --to, such as `--to registry.example.org/lab/study`\n";
    repository.xtask(["push"]).exits(1).stdout("").stderr(expected);
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn an_image_that_is_missing_comes_with_the_command_that_makes_it() {
    let repository = Repository::with_settings(REGISTRY).image(RUNTIME);
    let expected = "error: `registry.example.org:5000/sci/jdoe/tiny-project:dev` has not been built yet: \
                    `cargo xtask build dev`\n";
    repository.xtask(["push", "all"]).exits(1).stdout("").stderr(expected);
    assert!(repository.docker_changes().is_empty(), "not even the image that is there is pushed");
}

#[test]
fn a_registry_that_refuses_comes_with_how_to_log_in() {
    let repository = Repository::with_settings(REGISTRY).image(RUNTIME).note("push-fails");
    let ended = repository.xtask(["push"]);
    ended.exits(1).stdout("").stderr_has(&format!(
        "error: `{RUNTIME}` was not pushed: the registry refuses your login: denied: requested access to the resource is \
         denied (fix: docker login registry.example.org:5000)\n"
    ));
}

#[test]
fn without_docker_it_says_so() {
    let repository = Repository::with_settings(REGISTRY).daemon(Daemon::Down);
    let ended = repository.xtask(["push"]);
    ended.exits(1).stdout("").stderr_has("the Docker daemon does not answer");
    ended.stderr_has("error: `push` needs Docker: the native engine has no image\n");
}
