//! `cargo xtask bench`, which times nothing here: what it would do is printed.

use crate::repository::Repository;
use crate::stand_in::{Call, Daemon};

#[test]
fn what_would_be_timed_is_named_and_printed_and_nothing_is_started() {
    let repository = Repository::with_settings("");
    let before = repository.tree();
    let ended = repository.xtask(["bench", "--dry-run"]);
    ended.exits(0);
    for name in ["no-op build", "build with 1 more pip package", "exec true", "cargo xtask --help", "check, 10,000"] {
        ended.stderr_has(&format!("xtask (dry run): timing: {name}"));
    }
    ended.stdout_has(" docker compose build runtime\n").stdout_has("/xtask build runtime\n");
    ended.stdout_has("docker run --rm xtask-bench/").stdout_has(" cargo xtask --help\n");
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn both_start_from_one_base_image_that_nothing_was_built_from_before() {
    let ended = Repository::with_settings("BASE_IMAGE=debian:12\n").xtask(["bench", "--dry-run", "--quick"]);
    ended.exits(0).stdout_has("--build-arg 'BASE_IMAGE=debian:12' --build-arg 'TRIAL=");
    let bases: Vec<&str> =
        ended.out().lines().filter_map(|it| it.split_once("BASE_IMAGE=xtask-bench/")).map(|it| it.1).collect();
    let of = |words: &str| bases.iter().find(|it| it.contains(words)).and_then(|it| it.split(' ').next());
    assert!(of("docker compose build").is_some());
    assert_eq!(of("docker compose build"), of("/xtask build runtime"));
}

#[test]
fn it_needs_docker_and_an_environment_without_conda() {
    let down = Repository::with_settings("").daemon(Daemon::Down);
    down.xtask(["bench"]).exits(1).stdout("").stderr_has("error: `bench` needs Docker");
    let conda = "channels: [conda-forge]\ndependencies:\n  - python\n  - mkl\n";
    let ended = Repository::with_settings("").dependencies(conda).xtask(["bench"]);
    ended.exits(1).stdout("").stderr_has("it needs an environment without conda");
}
