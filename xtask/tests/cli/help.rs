//! What the tool says about itself.

use std::fs;
use std::path::Path;

use crate::repository::Repository;

const HEADINGS: [&str; 7] = ["Set up:", "Environment:", "Run:", "Develop:", "Ship:", "Clusters:", "Check:"];

/// The verbs that there are: each is a file that does it.
fn verbs() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
    let files = fs::read_dir(directory).unwrap().map(|it| it.unwrap().path());
    let mut verbs: Vec<String> = files.map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    verbs.retain(|it| it != "mod");
    verbs.sort();
    verbs
}

/// The lines below a heading, up to the next blank line.
fn group<'a>(help: &'a str, heading: &str) -> Vec<&'a str> {
    help.lines().skip_while(|it| *it != heading).skip(1).take_while(|it| !it.is_empty()).collect()
}

#[test]
fn without_an_argument_every_verb_is_listed_in_its_group_with_one_line() {
    let ended = Repository::fresh().xtask([]);
    ended.exits(0).stderr("");
    let mut listed = Vec::new();
    for line in HEADINGS.iter().flat_map(|it| group(ended.out(), it)) {
        let mut words = line.split_whitespace();
        listed.extend(words.next().map(str::to_owned));
        assert!(words.count() > 1, "it says what it does: {line}");
    }
    listed.sort();
    assert_eq!(listed, verbs());
    let headings: Vec<&str> = ended.out().lines().filter(|it| HEADINGS.contains(it)).collect();
    assert_eq!(headings, HEADINGS, "the groups stand in the order in which they are needed");
    ended.stdout_has("First: cargo xtask run -- python --version");
}

#[test]
fn all_that_there_is_to_say_is_one_page() {
    let repository = Repository::fresh();
    let page = repository.xtask(["help", "--all"]);
    page.exits(0).stderr("");
    for verb in verbs() {
        let help = repository.xtask([&verb, "--help"]);
        let usage = help.out().lines().find(|it| it.starts_with("Usage: ")).unwrap().to_owned();
        page.stdout_has(&format!("\n# cargo xtask {verb}\n")).stdout_has(&usage);
    }
}

#[test]
fn the_help_is_the_same_however_it_is_asked_for() {
    let repository = Repository::fresh();
    let bare = repository.xtask([]);
    for flag in ["--help", "-h", "help"] {
        let asked = repository.xtask([flag]);
        asked.exits(0).stderr("");
        assert_eq!(asked.out().trim_end(), bare.out().trim_end(), "{flag}");
    }
}

#[test]
fn every_verb_has_a_help_of_its_own() {
    let repository = Repository::fresh();
    for verb in verbs() {
        repository.xtask([&verb, "--help"]).exits(0).stderr("").stdout_has(&format!("Usage: cargo xtask {verb}"));
    }
    for target in ["- runtime: ", "- dev: ", "- all: "] {
        repository.xtask(["build", "--help"]).stdout_has(target);
    }
    assert_eq!(repository.docker_calls().len(), 0);
}

#[test]
fn the_help_needs_no_repository() {
    let repository = Repository::fresh().inside("..");
    repository.xtask([]).exits(0).stderr("").stdout_has("Usage: cargo xtask VERB");
    repository.xtask(["run", "--help"]).exits(0).stderr("").stdout_has("Usage: cargo xtask run");
}

#[test]
fn the_version_is_one_line() {
    let version = concat!("cargo xtask ", env!("CARGO_PKG_VERSION"), "\n");
    Repository::fresh().xtask(["--version"]).exits(0).stdout(version).stderr("");
}

/// The tests of what it measures are compiled with it.
#[cfg(not(feature = "bench"))]
#[test]
fn what_measures_is_compiled_when_it_is_asked_for() {
    let repository = crate::repository::Repository::with_settings("").file("xtask/crates/bench/Cargo.toml", "");
    let ended = repository.xtask(["--dry-run", "bench", "--quick"]);
    ended.exits(0).stdout_has(" --package xtask --features bench -- --dry-run bench --quick\n");
}
