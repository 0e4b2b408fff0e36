//! `ENGINE=podman`: the same requests in podman's words, and refusals before anything starts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::repository::Repository;

/// A podman that notes what it is asked, and has every image.
const PODMAN: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"${0%/*}/../state/podman.asked"
case "$1 ${2-}" in
'info --format') echo 4.3.1 ;;
'image inspect') [ "$4" != '{{.ID}}' ] || echo 0123 ;;
esac
"#;

fn with_podman(settings: &str) -> Repository {
    let repository = Repository::with_settings(&format!("ENGINE=podman\n{settings}")).without("docker");
    let path = repository.bin().join("podman");
    fs::write(&path, PODMAN).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    repository
}

fn asked(repository: &Repository) -> String {
    fs::read_to_string(repository.temp("state").join("podman.asked")).unwrap_or_default()
}

#[test]
fn a_dry_run_shows_what_podman_would_be_asked_and_docker_nothing() {
    let repository = with_podman("");
    let ended = repository.xtask(["build", "all", "--dry-run"]);
    let printed = ended.exits(0).out();
    // One after the other.
    assert_eq!(
        printed.matches("podman build --format docker --logfile /dev/stderr '--layers=false' ").count(),
        2,
        "{printed}"
    );
    assert!(printed.contains(" --target runtime ") && printed.contains(" --target dev "), "{printed}");
    assert!(!printed.contains("buildx build") && !printed.contains("docker run"), "{printed}");
}

#[test]
fn what_cannot_be_done_is_refused_before_podman_is_asked_to_do_anything() {
    for (arguments, code, why) in [
        ("build --to=h/x --push", 1, "podman has no builders"),
        ("build --platform=linux/arm64", 1, "builds for this machine only"),
        ("run --platform=linux/arm64 true", 125, "builds for this machine only"),
        ("up --wait", 1, "timers of systemd"),
        ("size", 1, "`podman history` shows them"),
    ] {
        let repository = with_podman("");
        let ended = match arguments.split(' ').collect::<Vec<_>>()[..] {
            [one] => repository.xtask([one]),
            [one, two] => repository.xtask([one, two]),
            [one, two, three] => repository.xtask([one, two, three]),
            _ => panic!("at most three words: {arguments}"),
        };
        ended.exits(code).stdout("").stderr_has(why);
        let is_question = |it: &&str| it.starts_with("info ") || it.starts_with("image inspect ");
        let asked = asked(&repository);
        let others: Vec<&str> = asked.lines().filter(|it| !is_question(it)).collect();
        assert_eq!(others, Vec::<&str>::new(), "{arguments}");
    }
}

#[test]
fn without_podman_its_package_is_named() {
    let repository = with_podman("");
    fs::remove_file(repository.bin().join("podman")).unwrap();
    repository.xtask(["status"]).exits(1).stdout("").stderr_has("error: podman is not installed (fix: ");
    repository.xtask(["run", "true"]).exits(125).stdout("").stderr_has("podman is not installed");
}
