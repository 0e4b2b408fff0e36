//! `cargo xtask bundle`, `unbundle`, and `--offline`

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use bundle::{BundleManifest, BundledFile, write_archive};

use crate::repository::{RUNTIME, Repository};

/// Long enough to be cut anywhere.
const WHEEL: &str = "packages/0000000000000000/tqdm-1.0-py3-none-any.whl";
const TOOL: &str = "links/uv-1.0-py3-none-any.whl";
const BUNDLE: &str = "b.tar";

fn here() -> String {
    format!("linux/{}", if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" })
}

fn contents(name: &str) -> String {
    name.repeat(500)
}

/// A repository beside a bundle that was made for it, changed as the test wants.
fn with_bundle(change: impl FnOnce(&mut BundleManifest)) -> Repository {
    let repository = Repository::with_settings("ENGINE=native\n");
    let (mut files, mut sources) = (BTreeMap::new(), BTreeMap::new());
    for name in [TOOL, WHEEL] {
        let path = repository.temp(&name.replace('/', "-"));
        fs::write(&path, contents(name)).unwrap();
        let sha256 = environment::sha256(contents(name));
        files.insert(name.to_owned(), BundledFile { size: contents(name).len() as u64, sha256 });
        sources.insert(name.to_owned(), path.try_into().unwrap());
    }
    let mut manifest = BundleManifest {
        format: BundleManifest::FORMAT,
        tool: "0.1.0".to_owned(),
        project: "tiny-project".to_owned(),
        platforms: vec![here()],
        images: Vec::new(),
        files,
        not_carried: vec!["the moon".to_owned()],
    };
    change(&mut manifest);
    let mut bytes = Vec::new();
    write_archive(&mut bytes, &manifest, &sources).unwrap();
    repository.write_bytes(BUNDLE, &bytes);
    repository
}

fn supply(repository: &Repository) -> PathBuf {
    repository.path("target/xtask/supply")
}

/// Expects that a bundle is refused with these words, and that nothing of it can be used.
#[track_caller]
fn refuses(repository: &Repository, why: &str) {
    let ended = repository.xtask(["unbundle", BUNDLE]);
    ended.exits(1).stdout("").stderr_has(&format!("`[ROOT]/{BUNDLE}` was not unpacked: {why}"));
    assert!(!supply(repository).exists(), "something was unpacked");
}

#[test]
fn what_is_in_it_is_put_where_offline_finds_it_and_what_is_not_is_told() {
    let repository = with_bundle(|_| ());
    let ended = repository.xtask(["unbundle", BUNDLE]);
    ended.exits(0).stdout("").stderr(&format!(
        "xtask: not carried: the moon\nxtask: unpacked `{BUNDLE}`: add --offline to commands to use it\n"
    ));
    for name in [TOOL, WHEEL] {
        assert_eq!(fs::read_to_string(supply(&repository).join(name)).unwrap(), contents(name));
    }
    assert!(!repository.path("target/xtask/supply-begun").exists());
}

#[test]
fn a_dry_run_verifies_and_writes_nothing() {
    let repository = with_bundle(|_| ());
    repository.xtask(["unbundle", BUNDLE, "--dry-run"]).exits(0).stderr_has(&format!("verified `{BUNDLE}`"));
    assert!(!supply(&repository).exists() && !repository.path("target/xtask/supply-begun").exists());
}

#[test]
fn one_that_is_cut_short_is_refused_with_the_member_that_is_missing() {
    let repository = with_bundle(|_| ());
    let bytes = fs::read(repository.path(BUNDLE)).unwrap();
    repository.write_bytes(BUNDLE, &bytes[..bytes.len() - 20_000]);
    refuses(&repository, &format!("it is cut short at `{WHEEL}`: copy it again"));
    // What was verified before is kept for the next time.
    let kept = repository.path("target/xtask/supply-begun").join(TOOL);
    let before = fs::metadata(&kept).unwrap().modified().unwrap();
    repository.write_bytes(BUNDLE, &bytes);
    repository.xtask(["unbundle", BUNDLE]).exits(0);
    assert_eq!(fs::metadata(supply(&repository).join(TOOL)).unwrap().modified().unwrap(), before);
}

#[test]
fn one_byte_that_is_another_is_found() {
    let repository = with_bundle(|_| ());
    let mut bytes = fs::read(repository.path(BUNDLE)).unwrap();
    let at = bytes.windows(20).rposition(|it| it == &contents(WHEEL).as_bytes()[100..120]).unwrap();
    bytes[at] ^= 1;
    repository.write_bytes(BUNDLE, &bytes);
    refuses(&repository, &format!("`{WHEEL}` in it is damaged or was altered: copy it again"));
}

#[test]
fn one_of_another_project_platform_or_format_is_refused() {
    refuses(
        &with_bundle(|it| it.project = "other".to_owned()),
        "it is a bundle of `other`, and this is `tiny-project`: unbundle it in a clone of that project",
    );
    let here = here();
    refuses(
        &with_bundle(|it| it.platforms = vec!["linux/s390x".to_owned()]),
        &format!(
            "it is for linux/s390x, and this machine is {here}: make one with `cargo xtask bundle --platform {here}`"
        ),
    );
    refuses(&with_bundle(|it| it.format = 9), "its format is 9, and this version of the tool reads 1: make it again");
    let repository = with_bundle(|_| ());
    repository.write(BUNDLE, "not a bundle");
    refuses(&repository, "it is no bundle: `cargo xtask bundle -o FILE` makes one");
}

#[test]
fn where_it_cannot_be_written_the_supply_of_before_stays() {
    let repository = with_bundle(|_| ());
    repository.write("target/xtask/supply/links/old.whl", "old");
    let tool = repository.command();
    let mut limited = Command::new("sh");
    // No file may have more than a few kilobytes.
    limited.args(["-c", r#"trap '' XFSZ; ulimit -f 8; exec "$0" unbundle b.tar"#]).arg(tool.get_program());
    limited.env_clear().envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(tool.get_current_dir().unwrap());
    let output = limited.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("b.tar` was not unpacked: cannot write `") && said.contains(".whl`: "), "{said}");
    assert_eq!(repository.read("target/xtask/supply/links/old.whl"), "old");
    repository.xtask(["unbundle", BUNDLE]).exits(0);
    assert!(!supply(&repository).join("links/old.whl").exists());
}

#[test]
fn a_bundle_needs_a_lock_and_images_that_are_up_to_date() {
    let repository = Repository::with_settings("").note("solves");
    repository.xtask(["bundle", "-o", BUNDLE]).exits(1).stderr_has("has no lock: `cargo xtask freeze` writes one");
    repository.xtask(["lock"]).exits(0);
    let ended = repository.xtask(["bundle", "-o", BUNDLE]);
    ended.exits(1).stderr_has(&format!(
        "error: `{RUNTIME}` is not up to date: first `cargo xtask build runtime`, or make the bundle with --no-image\n"
    ));
    assert!(!repository.path(BUNDLE).exists());
}

#[test]
fn offline_what_can_only_connect_is_not_started() {
    let repository = Repository::with_settings("REGISTRY_HOSTNAME=registry.example.org\n").note("solves");
    repository.xtask(["build", "--offline"]).exits(1).stderr_has("--offline allows no connection");
    repository.xtask(["run", "--offline", "true"]).exits(125).stderr_has("--offline allows no connection");
    repository.xtask(["build"]).exits(0);
    repository.stand_ins.forget();
    let ended = repository.xtask(["push", "--offline"]);
    ended
        .exits(1)
        .stderr_has("`docker` was not started, because it talks to a registry, and --offline allows no connection");
    let connects = |call: &Vec<String>| ["push", "pull", "buildx"].contains(&call[0].as_str());
    assert!(!repository.docker_changes().iter().any(connects));
    repository.xtask(["run", "--offline", "true"]).exits(0);
}

#[test]
fn offline_uv_and_pip_take_what_was_unbundled() {
    let repository = with_bundle(|_| ()).note("solves");
    repository.xtask(["lock"]).exits(0);
    repository.xtask(["unbundle", BUNDLE]).exits(0);
    repository.xtask(["build", "--locked", "--offline"]).exits(0);
    let links = format!("file://{}", supply(&repository).join("links").display());
    let variable = |name: &str| repository.stand_ins.variable("uv", name);
    assert_eq!(variable("UV_FIND_LINKS"), Some(links));
    assert_eq!((variable("UV_OFFLINE"), variable("UV_NO_INDEX")), (Some("1".into()), Some("1".into())));
    let list = repository.read("target/xtask/native/pylock.toml");
    let wheel = format!("file://{}", supply(&repository).join(WHEEL).display());
    assert!(list.contains(&wheel), "{list}");

    // What connects takes the file from where the lock says.
    repository.xtask(["build", "--locked", "--force"]).exits(0);
    assert_eq!(variable("UV_OFFLINE"), None);
    assert!(repository.read("target/xtask/native/pylock.toml").contains("https://e.org/tqdm-1.0-py3-none-any.whl"));
}
