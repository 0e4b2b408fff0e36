//! The help of a finding is true: who does what it says has the finding no more.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::bad_inputs::{CORPUS, KINDS, entries, plain};
use crate::repository::Repository;

/// A finding whose help says what to write.
#[derive(Debug)]
struct Advice {
    code: String,
    /// From 1.
    line: usize,
    /// The characters that are wrong, from 0.
    columns: (usize, usize),
    /// What to write.
    text: String,
}

/// Values that mean nothing, however they are quoted.
const HOSTILE: &str = "hostile-values";

#[test]
fn what_a_help_says_to_write_passes() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (kind, file) in KINDS {
        for case in entries(&Path::new(CORPUS).join(kind)) {
            let Ok(text) = String::from_utf8(fs::read(&case).unwrap()) else { continue };
            if case.file_stem().is_some_and(|it| it == HOSTILE) {
                continue;
            }
            let repository = plain();
            repository.write(file, &text);
            for advice in advice_about(&repository, file) {
                tried += 1;
                let is_true = followed(&text, &advice).into_iter().any(|changed| {
                    repository.write(file, &changed);
                    !findings(&repository, file).iter().any(|it| is_as_bad(it, &advice))
                });
                if !is_true {
                    wrong.push(format!("{}: {advice:?}", case.strip_prefix(CORPUS).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried >= 50, "only {tried} were found");
}

fn findings(repository: &Repository, file: &str) -> Vec<Value> {
    let found = repository.xtask(["check", "--format", "json"]);
    let findings = found.out().lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    findings.filter(|it| it["file"] == file).collect()
}

fn advice_about(repository: &Repository, file: &str) -> Vec<Advice> {
    findings(repository, file).iter().filter_map(advice).collect()
}

fn advice(finding: &Value) -> Option<Advice> {
    let column = |name: &str| Some(usize::try_from(finding[name].as_u64()?).unwrap() - 1);
    Some(Advice {
        code: finding["code"].as_str()?.to_owned(),
        line: usize::try_from(finding["line"].as_u64()?).unwrap(),
        columns: (column("column")?, column("end_column")?),
        text: text_to_write(finding["help"].as_str()?)?.to_owned(),
    })
}

/// Where the help is no more than that.
fn text_to_write(help: &str) -> Option<&str> {
    let one = help.strip_prefix("write `").and_then(|it| it.strip_suffix('`'));
    let nearest = help.strip_prefix("did you mean `").and_then(|it| it.strip_suffix("`?"));
    one.or(nearest).filter(|it| !it.contains('`'))
}

/// The text of the file for who takes what is to be written for the whole line, for the entry of a list, or for what is wrong.
fn followed(text: &str, advice: &Advice) -> Vec<String> {
    let line = text.lines().nth(advice.line - 1).unwrap_or_default();
    let (start, end) = advice.columns;
    let characters: Vec<char> = line.chars().collect();
    let part = |range: std::ops::Range<usize>| characters[range].iter().collect::<String>();
    let indent: String = line.chars().take_while(|it| *it == ' ' || *it == '\t').collect();
    let end = end.min(characters.len());
    let replaced = format!("{}{}{}", part(0..start.min(end)), advice.text, part(end..characters.len()));
    let mut lines = vec![format!("{indent}{}", advice.text), format!("{indent}- {}", advice.text), replaced];
    // A value that YAML would read as something else is quoted.
    lines.push(format!("{indent}- '{}'", advice.text));
    let with = |new: &String| {
        let lines = text.split('\n').enumerate();
        let lines = lines.map(|(at, line)| if at + 1 == advice.line { new.as_str() } else { line });
        lines.collect::<Vec<_>>().join("\n")
    };
    lines.iter().map(with).collect()
}

/// Whether a finding after the change is the same, or an error in the line that was changed.
fn is_as_bad(finding: &Value, advice: &Advice) -> bool {
    let is_there = finding["line"].as_u64() == u64::try_from(advice.line).ok();
    is_there && (finding["code"] == advice.code.as_str() || finding["severity"] == "error")
}
