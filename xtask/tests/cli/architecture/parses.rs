//! How often input files are parsed: each text once a command, as `--verbose` shows.

use crate::ended::Ended;
use crate::installed::install;
use crate::repository::{RUNTIME, Repository};

/// The files that were parsed, in that order, one entry for each text. Expects that none was parsed more than once.
#[track_caller]
fn parsed(ended: &Ended) -> Vec<&str> {
    ended.exits(0);
    let parsed: Vec<&str> = ended.err().lines().filter_map(|it| it.strip_prefix("xtask: parsed ")).collect();
    let again: Vec<&&str> = parsed.iter().filter(|it| it.ends_with(" times)")).collect();
    assert!(!parsed.is_empty() && again.is_empty(), "parsed more than once: {again:#?}\n{ended:#?}");
    parsed
}

/// How many texts were parsed of the files whose path ends so.
fn count(parsed: &[&str], file: &str) -> usize {
    parsed.iter().filter(|it| it.ends_with(file)).count()
}

/// A repository with an image in which packages are installed.
fn repository() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["colorama 0.4.6", "tqdm 4.66.0 colorama"]);
    repository
}

#[test]
fn a_check_parses_each_file_once() {
    let repository = repository();
    let ended = repository.xtask(["check", "--verbose"]);
    let parsed = parsed(&ended);
    for file in [
        "dependencies/environment.yml",
        "dependencies/apt-runtime.txt",
        "installation/docker-amd64/.env",
        "installation/docker-amd64/Dockerfile",
        "installation/docker-amd64/compose.yaml",
        "python-project/pyproject.toml",
    ] {
        assert_eq!(count(&parsed, file), 1, "{file} in {parsed:#?}");
    }
}

#[test]
fn a_freeze_parses_each_text_once() {
    let repository = repository();
    let expect = |ended: &Ended, texts: usize| {
        let parsed = parsed(ended);
        assert_eq!(count(&parsed, "environment.yml"), texts, "{parsed:#?}");
        assert_eq!(count(&parsed, "pyproject.toml"), 1);
    };
    // The file, and what is written. Thawed, that is the file again.
    expect(&repository.xtask(["freeze", "--verbose"]), 2);
    // The file, which stays as it is, and what it is when it is thawed.
    expect(&repository.xtask(["freeze", "--verbose"]), 2);
    // The file, what is written, the same without its block of packages, and thawed.
    expect(&repository.xtask(["freeze", "--verbose", "--full"]), 4);
    let ended = repository.xtask(["freeze", "--verbose"]);
    assert_eq!(count(&parsed(&ended), "pylock.toml"), 1);
}

/// Expects that what a plan reads was parsed once: `environment.yml` as it is frozen, and thawed to be compared with the
/// lock. Only whoever builds an image needs the Dockerfile's meaning.
#[track_caller]
fn expect_each_once(ended: &Ended, builds_image: bool) {
    let parsed = parsed(ended);
    assert_eq!(count(&parsed, "Dockerfile"), usize::from(builds_image));
    for file in ["environment.yml", "/lock.toml", "pylock.toml"] {
        let texts = if file == "environment.yml" { 2 } else { 1 };
        assert_eq!(count(&parsed, file), texts, "{file}: {parsed:#?}");
    }
}

/// A repository with a lock and without images.
fn frozen() -> Repository {
    let repository = repository();
    repository.xtask(["freeze"]).exits(0);
    repository.stand_ins.note("images", "");
    repository
}

#[test]
fn a_build_parses_each_file_once() {
    let repository = frozen();
    for target in ["runtime", "all"] {
        expect_each_once(&repository.xtask(["build", "--verbose", target]), true);
    }
}

#[test]
fn a_native_build_parses_each_file_once() {
    let repository = frozen().variable("ENGINE", "native");
    expect_each_once(&repository.xtask(["build", "--verbose"]), false);
}

#[test]
fn an_image_that_is_missing_is_built_from_what_was_compared() {
    let ended = frozen().xtask(["up", "--verbose"]);
    ended.stderr_has("building `");
    expect_each_once(&ended, true);
}

#[test]
fn a_pull_of_all_images_parses_each_file_once() {
    let repository = frozen();
    let labels = r#"{"xtask.inputs":"0","xtask.parts":"{}","xtask.asked":"[]"}"#;
    let registry = ["runtime", "dev"].map(|target| format!("127.0.0.1:5000/x:{target} {labels}\n"));
    repository.stand_ins.note("registry", &registry.concat());
    let ended = repository.xtask(["pull", "all", "--verbose", "--from", "127.0.0.1:5000/x"]);
    ended.stderr_has(":dev` is out of date");
    expect_each_once(&ended, false);
}
