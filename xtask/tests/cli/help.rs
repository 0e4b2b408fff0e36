//! What the tool says about itself.

use crate::repository::Repository;

const GROUPS: [(&str, &[&str]); 6] = [
    ("Set up:", &["env"]),
    ("Environment:", &["build", "freeze", "thaw", "lock", "verify", "drift", "list"]),
    ("Run:", &["run"]),
    ("Develop:", &["up", "shell", "exec", "dev", "logs", "status", "stop", "start", "restart", "down"]),
    ("Ship:", &["push", "pull"]),
    ("Check:", &["check", "doctor", "ci", "bench"]),
];

/// The lines below a heading, up to the next blank line.
fn group<'a>(help: &'a str, heading: &str) -> Vec<&'a str> {
    help.lines().skip_while(|it| *it != heading).skip(1).take_while(|it| !it.is_empty()).collect()
}

#[test]
fn without_an_argument_every_verb_is_listed_in_its_group_with_one_line() {
    let ended = Repository::fresh().xtask([]);
    ended.exits(0).stderr("");
    for (heading, verbs) in GROUPS {
        let lines = group(ended.out(), heading);
        for verb in verbs {
            let line = lines.iter().find(|it| it.split_whitespace().next() == Some(verb));
            assert!(line.is_some_and(|it| it.split_whitespace().count() > 2), "{verb} below {heading} {lines:?}");
        }
    }
    let headings: Vec<&str> = ended.out().lines().filter(|it| GROUPS.iter().any(|(name, _)| name == it)).collect();
    assert_eq!(headings, GROUPS.map(|(name, _)| name), "the groups stand in the order in which they are needed");
    ended.stdout_has("First: cargo xtask run -- python --version");
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
    for verb in GROUPS.iter().flat_map(|(_, verbs)| *verbs) {
        repository.xtask([verb, "--help"]).exits(0).stderr("").stdout_has(&format!("Usage: cargo xtask {verb}"));
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
