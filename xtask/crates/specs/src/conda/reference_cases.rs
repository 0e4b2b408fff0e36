//! The match specs and version constraints that conda itself is tested with.

use super::{MatchSpec, VersionSpec};

const MATCH_SPECS: &str = include_str!("../../tests/data/conda/match_specs.tsv");
const VERSION_SPECS: &str = include_str!("../../tests/data/conda/version_specs.tsv");

fn cases<const COLUMNS: usize>(table: &'static str) -> Vec<[&'static str; COLUMNS]> {
    let rows = table.lines().filter(|it| !it.starts_with('#'));
    rows.map(|it| it.split('\t').collect::<Vec<_>>().try_into().expect(it)).collect()
}

fn or_dash(part: Option<&String>) -> &str {
    part.map_or("-", String::as_str)
}

#[test]
fn match_specs_are_read_as_conda_reads_them() {
    for [verdict, text, channel, subdir, name, version, build, canonical] in cases(MATCH_SPECS) {
        let parsed = MatchSpec::parse(text);
        if verdict == "bad" {
            assert!(parsed.is_err(), "{text}: {parsed:?}");
            continue;
        }
        let spec = parsed.unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        let parts =
            [or_dash(spec.channel.as_ref()), or_dash(spec.subdir.as_ref()), &spec.name, or_dash(spec.build.as_ref())];
        assert_eq!(parts, [channel, subdir, name, build], "{text}");
        assert_eq!(spec.version, (version != "-").then(|| VersionSpec::parse(version).unwrap()), "{text}");
        let printed = spec.to_string();
        assert!(canonical == "-" || printed == canonical, "{text} is printed as {printed}, not as {canonical}");
        let again = MatchSpec::parse(&printed).unwrap_or_else(|problem| panic!("{printed}: {problem:?}"));
        assert_eq!(MatchSpec { text: spec.text.clone(), ..again }, spec, "{text} is printed as {printed}");
    }
}

#[test]
fn version_constraints_are_read_as_conda_reads_them() {
    for [verdict, text, canonical] in cases(VERSION_SPECS) {
        let parsed = VersionSpec::parse(text);
        if verdict == "bad" {
            assert!(parsed.is_err(), "{text}: {parsed:?}");
            continue;
        }
        let spec = parsed.unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        let printed = spec.to_string();
        assert!(canonical == "-" || printed == canonical, "{text} is printed as {printed}, not as {canonical}");
        assert_eq!(VersionSpec::parse(&printed).as_ref(), Ok(&spec), "{text} is printed as {printed}");
    }
}

/// What no person writes: every mixture of three of the grammar's words and of odd characters.
#[test]
fn nothing_panics_and_what_is_read_is_printed_alike() {
    const WORDS: [&str; 30] = [
        "a", "1.2", "=", "==", "!", "~=", "<", "*", ".*", "(", ")", "[", "]", "build=", "'", "\"", "^", "$", "|", ",",
        ":", "::", "/", "#", "@", " ", "é", "-", ".conda", "version=",
    ];
    for first in WORDS {
        for second in WORDS {
            for third in WORDS {
                for fourth in ["", "]", "[build=1]"] {
                    check(&format!("a{first}{second}{third}{fourth}"));
                    check(&format!("{first}{second}{third}{fourth}"));
                }
            }
        }
    }
}

fn check(text: &str) {
    let problem = match MatchSpec::parse(text) {
        Ok(spec) => {
            let printed = spec.to_string();
            let again = MatchSpec::parse(&printed).unwrap_or_else(|it| panic!("{text} -> {printed}: {it:?}"));
            assert_eq!(MatchSpec { text: spec.text.clone(), ..again }, spec, "{text} is printed as {printed}");
            assert!(super::suspicious(&spec).iter().all(|it| spec.text.get(it.range.clone()).is_some()));
            return;
        }
        Err(problem) => problem,
    };
    assert!(text.get(problem.range.clone()).is_some(), "{text}: {problem:?}");
    assert!(problem.help.is_some());
}
