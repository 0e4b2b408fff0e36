//! `cargo xtask base`

use crate::repository::{ENV_FILE, Repository};
use crate::stand_in::Daemon;

/// What is said where this machine's apt knows no mirror, as it does not in a test.
const MIRRORS: [&str; 4] =
    ["--mirror", "https://m.example.org/debian/", "--security-mirror", "https://m.example.org/security"];

/// What a dry run prints: the making, the packing, the loading.
fn planned<const N: usize>(repository: &Repository, options: [&str; N]) -> [String; 3] {
    let [a, b, c, d] = MIRRORS;
    let ended = repository.xtask_with(["base", "--dry-run", a, b, c, d], options);
    ended.exits(0);
    let lines: Vec<String> = ended.out().lines().map(str::to_owned).collect();
    lines.try_into().unwrap()
}

#[test]
fn a_dry_run_shows_all_and_changes_nothing() {
    let repository = Repository::with_settings("");
    let before = repository.tree();
    let [make, pack, load] = planned(&repository, ["debian/trixie", "--set"]);
    assert!(make.starts_with("SOURCE_DATE_EPOCH=1577836800 mmdebstrap "), "{make}");
    assert!(make.contains(" trixie [ROOT]/target/xtask/base/layer.tar 'deb [signed-by="), "{make}");
    assert!(pack.starts_with("tar --create --file [ROOT]/target/xtask/base/image.tar "), "{pack}");
    assert_eq!(load, "docker load --quiet --input [ROOT]/target/xtask/base/image.tar");
    assert!(repository.docker_changes().is_empty());
    assert_eq!(repository.tree(), before);
}

#[test]
fn the_packages_come_from_where_one_says() {
    let repository = Repository::with_settings("");
    let named = &planned(&repository, ["debian/bookworm"])[0];
    assert!(named.contains(" https://m.example.org/debian bookworm-updates main"), "{named}");
    assert!(named.contains(" https://m.example.org/security bookworm-security main"), "{named}");
    let unnamed = repository.xtask(["base", "--dry-run", "--mirror", "https://m.example.org/debian"]);
    unnamed.exits(1).stderr_has("does not say where Debian's packages are: pass --security-mirror URL\n");
}

#[test]
fn a_proxy_reaches_the_downloads_and_its_password_nobody() {
    let repository = Repository::with_settings("").variable("HTTP_PROXY", "http://me:hunter2@proxy.example.org:3128");
    let ended = repository.xtask_with(["base", "--dry-run"], MIRRORS);
    ended.exits(0).stdout_has("http_proxy='***' mmdebstrap ");
    assert!(!ended.out().contains("hunter2"));
}

#[test]
fn without_mmdebstrap_it_says_so_and_makes_nothing() {
    let repository = Repository::with_settings("");
    repository.xtask(["base"]).exits(1).stdout("").stderr_has("mmdebstrap is not installed");
    assert!(repository.docker_changes().is_empty());
    assert_eq!(repository.read(ENV_FILE), "");
}

#[test]
fn without_docker_it_says_so() {
    Repository::with_settings("").daemon(Daemon::Down).xtask(["base"]).exits(1).stderr_has("Docker daemon");
}

#[test]
fn what_is_no_release_or_no_mirror_is_a_wrong_command_line() {
    let repository = Repository::with_settings("");
    repository.xtask(["base", "fedora/42"]).exits(2).stderr_has("such as `debian/bookworm`");
    repository.xtask(["base", "ubuntu/24.04"]).exits(2).stderr_has("`24.04` is not a codename");
    repository.xtask(["base", "--arch", "mips"]).exits(2).stderr_has("[possible values: amd64, arm64]");
    let secret = ["--mirror", "https://me:hunter2@m.example.org/debian"];
    repository.xtask_with(["base"], secret).exits(2).stderr_has("would be readable in the image");
}

#[test]
fn a_build_that_cannot_pull_its_base_names_the_command_that_makes_one() {
    for step in ["solving-fails", "build-fails"] {
        let ended = Repository::with_settings("").note(step).xtask(["build"]);
        ended.exits(1).stderr_has("`cargo xtask base --set` builds one from Debian's packages");
    }
}
