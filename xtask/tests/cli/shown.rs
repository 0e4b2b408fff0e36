//! What is shown of texts that others have written: no control characters, and no secrets.

use crate::installed::install;
use crate::repository::{RUNTIME, Repository};

/// Clears the screen, in one byte and in two; turns the direction of writing.
const HOSTILE: &str = "1.0\u{1b}[2J\u{9b}2J\u{202e}";

fn has_no_control_character(text: &str) {
    let is_obeyed = |it: char| it.is_control() && it != '\n' || matches!(it, '\u{202a}'..='\u{202e}');
    assert!(!text.contains(is_obeyed), "{text:?}");
}

#[test]
fn the_metadata_of_a_package_does_not_reach_the_terminal_as_it_is() {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &[&format!("evil {HOSTILE}")]);
    for words in [["list", "--pip"], ["list", "--json"]] {
        let ended = repository.xtask(words);
        ended.exits(0).stdout_has("evil").stdout_has("u001b[2J").stdout_has("u009b2J").stdout_has("u202e");
        has_no_control_character(ended.out());
    }
    let line: serde_json::Value =
        serde_json::from_str(repository.xtask(["list", "--json"]).out().lines().next().unwrap()).unwrap();
    assert_eq!(line["version"], HOSTILE, "JSON stays what it is");
}

#[test]
fn a_finding_shows_the_control_characters_of_a_file_in_every_format() {
    let text = "dependencies:\n  - python=3.12\n\"k\\e[31m\\x9b1m\\u202e\": 1\n";
    for format in ["text", "short", "github", "json"] {
        let ended = Repository::fresh().dependencies(text).xtask(["check", "--format", format]);
        ended.exits(1).stdout_has("E0301").stdout_has("u009b1m");
        has_no_control_character(ended.out());
    }
}

#[test]
fn an_error_shows_the_control_characters_of_what_it_names() {
    let text = "\u{1b}[31m\u{9b}31m";
    let ended = Repository::with_settings("").xtask(["env", "--set", &format!("A{text}=1")]);
    ended.exits(1).stderr_has("\\u001b[31m\\u009b31m");
    has_no_control_character(ended.err());
}

#[test]
fn a_secret_is_known_by_its_form_where_its_name_says_nothing() {
    let repository = Repository::with_settings("").image(RUNTIME);
    for value in [
        "https://me:hunter2@e.org/x",
        "https://e.org/x?sig=hunter2",
        "glpat-hunter2hunter2hunter2",
        "http://hunter2@e.org",
    ] {
        let set = format!("PLACE={value}");
        repository.xtask(["--dry-run", "run", "-e", &set, "true"]).exits(0).never_says("hunter2");
        repository.xtask(["--verbose", "run", "-e", &set, "true"]).exits(0).never_says("hunter2");
        let line = repository.docker_changes().pop().unwrap().join(" ");
        assert!(!line.contains("hunter2"), "{line}");
        assert_eq!(repository.stand_ins.variable("docker", "PLACE").as_deref(), Some(value));
    }
}
