//! A corpus of inputs that cannot be meant so, each with everything that is found in it.
//!
//! `UPDATE_EXPECTED=1 cargo test --test cli bad_inputs` writes what is found now; read the difference before committing it.

#![expect(clippy::disallowed_methods, reason = "a variable of the test's own")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::repository::{ENV_FILE, Repository};

pub const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad-inputs");

/// The folders of the corpus, with the file of the repository that each of their files takes the place of.
pub const KINDS: [(&str, &str); 10] = [
    ("environment", "dependencies/environment.yml"),
    ("apt", "dependencies/apt-dev.txt"),
    ("dotenv", ENV_FILE),
    ("pyproject", "python-project/pyproject.toml"),
    ("dockerfile", "installation/docker-amd64/Dockerfile"),
    ("compose", "installation/docker-amd64/compose.yaml"),
    ("base-images", "installation/tools/base-images.txt"),
    ("audit", "dependencies/audit.toml"),
    ("site", "installation/clusters/lab.toml"),
    ("job", "jobs/train.toml"),
];

/// A repository in which nothing is found.
pub fn plain() -> Repository {
    Repository::fresh().dependencies("dependencies:\n  - python=3.12\n")
}

/// What is in a folder, sorted, but for what is expected.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.retain(|it| it.extension().is_none_or(|it| it != "expected"));
    paths.sort();
    paths
}

/// Copies the files of a folder over those of a repository.
fn overlay(repository: &Repository, folder: &Path, inside: &str) {
    for path in entries(folder) {
        let name = format!("{inside}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            overlay(repository, &path, &format!("{name}/"));
        } else {
            repository.write_bytes(&name, &fs::read(path).unwrap());
        }
    }
}

/// What is wrong with a case, if what is found in it is not what is expected.
fn judge(case: &Path, repository: &Repository) -> Option<String> {
    let before = repository.tree();
    let ended = repository.xtask(["check", "--format", "short"]);
    let found = ended.out().to_owned();
    let name = case.strip_prefix(CORPUS).unwrap().display();
    ended.exits(i32::from(found.contains(": error[")));
    if found.is_empty() {
        return Some(format!("{name}: nothing was found"));
    }
    for program in ["docker", "uv", "id"] {
        assert!(repository.calls(program).is_empty(), "{name}: `{program}` was started");
    }
    assert_eq!(repository.tree(), before, "{name}: something was changed");

    let expected = case.with_extension("expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, &found).unwrap();
    }
    let wanted = fs::read_to_string(&expected).unwrap_or_default();
    (wanted != found).then(|| format!("--- {name}: expected\n{wanted}--- found\n{found}"))
}

#[test]
fn everything_that_is_wrong_is_found_and_nothing_is_started() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for (kind, file) in KINDS {
        for case in entries(&Path::new(CORPUS).join(kind)) {
            let repository = plain();
            repository.write_bytes(file, &fs::read(&case).unwrap());
            wrong.extend(judge(&case, &repository));
            cases += 1;
        }
    }
    for case in entries(&Path::new(CORPUS).join("across")) {
        let repository = plain();
        overlay(&repository, &case, "");
        wrong.extend(judge(&case, &repository));
        cases += 1;
    }
    assert!(wrong.is_empty(), "{} of {cases} are not as expected:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 150, "only {cases} cases were found");
}

/// What more than the contents of a file is needed for: `check.rs`, `foreign_files.rs` and `places.rs` have those, but for `W0508`,
/// which depends on who has an account on the machine, `E0333`, for which a build has to start, those from `E0341` on, which are of
/// `freeze`, `thaw` and conda's solver, and `W0608`, which is of `audit`.
const NOT_OF_CONTENTS: [&str; 15] = [
    "E0101", "E0105", "E0106", "E0333", "E0341", "W0342", "E0343", "E0351", "E0352", "E0353", "E0354", "W0508",
    "E0509", "E0510", "W0608",
];

#[test]
fn every_code_is_found_in_some_case() {
    let explained = include_str!("../../docs/findings.md");
    let codes = explained.lines().filter_map(|it| it.strip_prefix("## ")?.split(": ").next());
    let mut found = String::new();
    for kind in KINDS.iter().map(|it| it.0).chain(["across"]) {
        for entry in fs::read_dir(Path::new(CORPUS).join(kind)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "expected") {
                found += &fs::read_to_string(path).unwrap();
            }
        }
    }
    // What begins with 08 is about a live environment, and its tests stand beside the code.
    let codes = codes.filter(|it| !it[1..].starts_with("08"));
    let missing: Vec<&str> = codes.filter(|it| !found.contains(&format!("[{it}]"))).collect();
    assert_eq!(missing, NOT_OF_CONTENTS);
}
