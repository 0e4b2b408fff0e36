//! `cargo xtask bench`, which times nothing here: what it would do is printed.

use std::fs;

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
        ended.stderr_has(&format!("xtask (dry run): measuring: {name}"));
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
    let is_build = |it: &&str| it.contains("/base:1") && !it.contains("TRIAL=") && !it.contains("/base:marked");
    let on_new_base: Vec<&str> = out.lines().filter(is_build).collect();
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

/// With a disk of images that has so many kibibytes free.
fn with_disk(free: u64) -> Repository {
    let repository = Repository::with_settings("").stand_in("df");
    repository.stand_ins.note("disk", &format!("/dev/sda1 100 99 {free} 99% /srv\n"));
    let root = repository.temp("docker-root");
    fs::create_dir(&root).unwrap();
    let info = serde_json::json!({"ServerVersion": "28.2.2", "Driver": "overlay2", "DockerRootDir": root});
    repository.stand_ins.note("info", &info.to_string());
    repository
}

#[test]
fn a_large_one_says_what_room_it_takes_and_starts_nothing_in_a_dry_run() {
    let repository = with_disk(100 << 20);
    let before = repository.tree();
    let ended = repository.xtask(["bench", "--large", "--size", "400MiB", "--dry-run"]);
    let room = "an environment of 405.0 MB takes up to 9.5 GB meanwhile; `/srv` has 107.4 GB";
    ended.exits(0).stderr_has(room);
    for name in [
        "build with 1 more pip package, locked before",
        "build with 1 more pip package, without a lock",
        "build with 1 more apt-runtime package",
        "1 more pip package built and frozen, then the build",
        "cold build, wheels cached",
        "1 more pip package (40 kB), pushed to a registry",
        "peak memory of cargo xtask itself",
        "the disk after the first build and 5 edits",
    ] {
        ended.stderr_has(&format!("xtask (dry run): measuring: {name}"));
    }
    ended.stdout_has("/benchmarks/pushed.sh ").stdout_has("/xtask freeze\n").stdout_has(" pip \"$1\" freeze >\"$2\"");
    assert!(!ended.out().contains(" build dev"), "{}", ended.out());
    assert_eq!(repository.tree(), before);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_large_one_is_refused_where_the_disk_has_less_room_than_it_takes() {
    let repository = with_disk(10 << 20);
    let ended = repository.xtask(["bench", "--large", "--size", "2GiB"]);
    let why = "an environment of 2.1 GB takes up to";
    ended.exits(1).stdout("").stderr_has(why).stderr_has("`/srv` has 10.7 GB; a smaller `--size` takes less");
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn where_the_disk_of_images_is_elsewhere_only_the_need_is_said() {
    let ended = Repository::with_settings("").xtask(["bench", "--large", "--dry-run"]);
    ended.exits(0).stderr_has("takes up to 90.3 GB meanwhile; what the daemon's disk has is not known here");
}

#[test]
fn a_size_is_that_of_a_large_one_and_has_a_smallest() {
    let repository = Repository::with_settings("");
    repository.xtask(["bench", "--size", "2GiB"]).exits(2).stderr_has("--large");
    let ended = repository.xtask(["bench", "--large", "--size", "10MB"]);
    ended.exits(1).stderr_has("error: the smallest part of this environment takes 117.0 MB\n");
}
