//! `cargo xtask bench`, which times nothing here: what it would do is printed.

use crate::repository::Repository;
use crate::stand_in::{Call, Daemon};

#[test]
fn what_would_be_timed_is_named_and_printed_and_nothing_is_started() {
    let repository = Repository::with_settings("");
    let before = repository.tree();
    let ended = repository.xtask(["bench", "--dry-run"]);
    ended.exits(0);
    let names = [
        "no-op build",
        "build with 1 more pip package",
        "run true",
        "exec true",
        "cargo xtask --help",
        "check, 10,000",
    ];
    for name in names {
        ended.stderr_has(&format!("xtask (dry run): timing: {name}"));
    }
    ended.stdout_has(" docker compose build runtime\n").stdout_has("/xtask build runtime\n");
    ended.stdout_has("docker run --rm xtask-bench/").stdout_has(" cargo xtask --help\n");
    ended.stdout_has(" --target runtime --tag xtask-bench/").stdout_has("/strong-control:runtime .\n");
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn all_sides_start_from_one_base_image_that_nothing_was_built_from_before() {
    let ended = Repository::with_settings("BASE_IMAGE=debian:12\n").xtask(["bench", "--dry-run", "--quick"]);
    ended.exits(0).stdout_has("--build-arg 'BASE_IMAGE=debian:12' --build-arg 'TRIAL=");
    // What the first build of a side starts from.
    let base_of = |words: &str| {
        let line = ended.out().lines().find(|it| it.contains("BASE_IMAGE=xtask-bench/") && it.contains(words))?;
        line.split_once("BASE_IMAGE=")?.1.split([' ', '\'']).next()
    };
    let ours = base_of("/xtask build runtime");
    assert!(ours.is_some_and(|it| it.ends_with("/base:0")), "{ours:?}");
    assert_eq!(base_of("docker compose build runtime"), ours);
    assert_eq!(base_of("docker buildx build --load"), ours);
}

#[test]
fn a_cold_build_has_the_same_new_base_image_on_all_sides() {
    let ended = Repository::with_settings("").xtask(["bench", "--dry-run", "--quick"]);
    let out = ended.exits(0).out();
    let on_new_base: Vec<&str> = out.lines().filter(|it| it.contains("/base:1") && !it.contains("TRIAL=")).collect();
    assert_eq!(on_new_base.len(), 3, "{on_new_base:?}");
    for words in ["docker compose build runtime", "/strong-control:runtime .", "/xtask build runtime"] {
        assert!(on_new_base.iter().any(|it| it.contains(words)), "{words}: {on_new_base:?}");
    }
}

#[test]
fn it_needs_docker_and_an_environment_without_conda() {
    let down = Repository::with_settings("").daemon(Daemon::Down);
    down.xtask(["bench"]).exits(1).stdout("").stderr_has("error: `bench` needs Docker");
    let conda = "channels: [conda-forge]\ndependencies:\n  - python\n  - mkl\n";
    let ended = Repository::with_settings("").dependencies(conda).xtask(["bench"]);
    ended.exits(1).stdout("").stderr_has("it needs an environment without conda");
}
