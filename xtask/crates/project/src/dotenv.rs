//! The lines of a `.env` file, in the dialect that all its readers understand alike.
//!
//! compose, bash (`source`) and dotenvy disagree about much of what such a file may hold: blanks, quotes, backslashes,
//! `$`. What they all read as the same value is accepted, everything else is a finding that says how to write it.

use std::collections::HashMap;
use std::ops::Range;

use process::is_secret;
use report::{Code, Finding, Findings, Problem, Source, Span};

/// One assignment, with substitutions made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvEntry {
    pub name: String,
    pub value: String,
    pub name_at: Span,
    /// With the quotes.
    pub value_at: Span,
    /// The bytes of the value in the file, with the quotes.
    pub value_range: Range<usize>,
}

/// The assignments of a file, in order. Lines that cannot be read are left out and reported.
pub fn parse(source: &Source, findings: &mut Findings) -> Vec<DotenvEntry> {
    let mut assignments: Vec<(&str, Span, Range<usize>)> = Vec::new();
    let mut first_lines: HashMap<&str, usize> = HashMap::new();
    let mut accepted = String::new();
    let mut offset = 0;
    for line in source.text.split('\n') {
        let span = |range: Range<usize>| source.span(offset + range.start..offset + range.end);
        match assignment(line) {
            Ok(None) => {}
            Ok(Some(Assignment { name, value })) => {
                let text = &line[name.clone()];
                let name_at = span(name);
                let in_file = offset + value.start..offset + value.end;
                if let Some(first) = first_lines.insert(text, name_at.start.line) {
                    let message = format!("`{text}` is set twice, first in line {first}");
                    findings.push(source.at(Code::EnvTwice, name_at, message).help("keep one of the two lines"));
                }
                assignments.push((text, name_at, in_file));
                accepted += &without_defaults(line, value, &accepted);
                accepted.push('\n');
            }
            Err(problem) => findings.push(redacted(line, source.problem(offset, problem))),
        }
        offset += line.len() + 1;
    }
    let mut entries = Vec::new();
    for ((name, name_at, value_range), read) in
        assignments.into_iter().zip(dotenvy::from_read_iter(accepted.as_bytes()))
    {
        let value_at = source.span(value_range.clone());
        match read {
            Ok((_, value)) => {
                entries.push(DotenvEntry { name: name.to_owned(), value, name_at, value_at, value_range });
            }
            Err(error) => findings.push(source.at(Code::EnvDialects, value_at, error.to_string())),
        }
    }
    entries
}

/// The line with `${NAME}` or the default in the place of each `${NAME:-default}`, which dotenvy does not know. `before` is the text
/// above it.
fn without_defaults(line: &str, value: Range<usize>, before: &str) -> String {
    let (start, mut rest) = (&line[..value.start], &line[value.start..]);
    let mut text = start.to_owned();
    if rest.starts_with('\'') {
        return line.to_owned();
    }
    while let Some((plain, substitution)) = rest.split_once("${") {
        let Some((body, after)) = substitution.split_once('}') else { break };
        let (name, default) = body.split_once(DEFAULT).unwrap_or((body, ""));
        text += plain;
        text +=
            &if default.is_empty() || has_value(name, before) { format!("${{{name}}}") } else { default.to_owned() };
        rest = after;
    }
    text + rest
}

/// Whether a variable has a value that is not empty, at the end of a text.
fn has_value(name: &str, text: &str) -> bool {
    let asked = format!("{text}ASKED=${{{name}}}\n");
    dotenvy::from_read_iter(asked.as_bytes()).last().is_some_and(|it| it.is_ok_and(|(_, value)| !value.is_empty()))
}

/// What stands between a name and what it is replaced by where it has no value.
const DEFAULT: &str = ":-";

/// Where the line may hold a secret, the finding without the line and without the value in its help.
fn redacted(line: &str, finding: Finding) -> Finding {
    let name = line.trim_start().trim_start_matches("export ").split(['=', ':', ' ']).next().unwrap_or_default();
    if is_secret(name, line) {
        let help = finding.help.map(|_| "put the value in single quotes".to_owned());
        Finding { line: None, help, ..finding }
    } else {
        finding
    }
}

/// A value as it is written so that all readers understand it alike; `None` where no quotes can do that.
pub fn quote(value: &str) -> Option<String> {
    if !value.is_empty() && value.chars().all(is_plain) && !value.starts_with(['~', '#']) {
        Some(value.to_owned())
    } else if !value.contains(['\'', '\n', '\r']) && !value.ends_with('\\') {
        Some(format!("'{value}'"))
    } else if !value.contains(['"', '\\', '$', '`', '\n', '\r']) {
        Some(format!("\"{value}\""))
    } else {
        None
    }
}

/// The bytes of a line that are the name and the value of an assignment.
struct Assignment {
    name: Range<usize>,
    value: Range<usize>,
}

fn assignment(line: &str) -> Result<Option<Assignment>, Problem> {
    let from = |rest: &str| line.len() - rest.len();
    let refuse = |rest: &str, message: &str, help: String| {
        let width = rest.chars().next().map_or(0, char::len_utf8);
        Problem::new(Code::EnvLine, from(rest)..from(rest) + width, message).help(help)
    };
    if line.starts_with('\u{feff}') {
        return Err(refuse(line, "a byte order mark, which bash reads as part of the first name", "remove it".into()));
    }
    if let Some(at) = line.find('\r') {
        let message = if at + 1 == line.len() { "a Windows line ending" } else { "a carriage return" };
        let help = "save the file with Unix line endings; bash makes the carriage return a part of the value";
        return Err(refuse(&line[at..], message, help.into()));
    }
    let trimmed = line.trim_start();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok(None);
    }
    let start = trimmed.strip_prefix("export ").map_or(trimmed, str::trim_start);
    let name_length = start.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(start.len());
    let (name, rest) = start.split_at(name_length);
    if name.is_empty() || name.starts_with(|it: char| it.is_ascii_digit()) {
        return Err(refuse(start, "not a variable name", "write `NAME=value`, or `#` in front of a comment".into()));
    }
    let Some(value) = rest.strip_prefix('=') else {
        let help = format!("write `{name}=value`, without blanks around `=`");
        return Err(refuse(rest, "`=` expected after the name", help));
    };
    let after = check_value(value).map_err(|(culprit, message)| {
        let help = match quote(intended_text(value)) {
            _ if culprit.starts_with("$(") || culprit.starts_with('`') => {
                "write what the command prints: no command is run here".to_owned()
            }
            _ if value.starts_with('~') => format!("write `{name}=${{HOME}}{}`", &value[1..]),
            Some(quoted) => format!("write `{name}={quoted}`"),
            None => "choose a value without quotes, backslashes and `$`".to_owned(),
        };
        let width = culprit.chars().next().map_or(0, char::len_utf8);
        Problem::new(Code::EnvDialects, from(culprit)..from(culprit) + width, message).help(help)
    })?;
    Ok(Some(Assignment { name: from(start)..from(rest), value: from(value)..from(after) }))
}

/// What the author of a refused value most likely meant: the text inside the quotes.
fn intended_text(value: &str) -> &str {
    let value = value.trim();
    let unquoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    unquoted.unwrap_or(value)
}

/// The rest of the line after a value; `Err` with the rest from the culprit on, and what is wrong with it.
fn check_value(value: &str) -> Result<&str, (&str, &'static str)> {
    let after = match value.chars().next() {
        Some('\'') => {
            after_quoted(value, '\'', |rest| rest.starts_with("\\'").then_some("a backslash in front of a quote"))?
        }
        Some('"') => after_quoted(value, '"', |rest| match rest.chars().next() {
            Some('\\') => Some("a backslash between double quotes"),
            Some('`') => Some("a backquote between double quotes, which bash runs as a command"),
            _ => None,
        })?,
        _ => after_bare(value)?,
    };
    let comment = after.trim_start();
    match (comment.is_empty() || comment.starts_with('#') && comment.len() < after.len(), after.is_empty()) {
        (true, _) | (_, true) => Ok(after),
        (false, false) if value.starts_with(['\'', '"']) => Err((comment, "text after the closing quote")),
        (false, false) => Err((comment, "a blank inside a value without quotes")),
    }
}

fn after_quoted(
    value: &str,
    quote: char,
    refused: impl Fn(&str) -> Option<&'static str>,
) -> Result<&str, (&str, &'static str)> {
    let mut rest = &value[1..];
    while let Some(next) = rest.chars().next() {
        if let Some(message) = refused(rest) {
            return Err((rest, message));
        }
        if next == quote {
            return Ok(&rest[1..]);
        }
        rest = if quote == '"' && next == '$' { after_substitution(rest)? } else { &rest[next.len_utf8()..] };
    }
    Err((value, "a quote that is not closed on its line"))
}

fn after_bare(value: &str) -> Result<&str, (&str, &'static str)> {
    if value.starts_with('~') {
        return Err((value, "`~`, which only bash replaces with the home directory"));
    }
    let mut rest = value;
    while let Some(next) = rest.chars().next() {
        rest = match next {
            it if it.is_whitespace() => return Ok(rest),
            '#' if rest.len() == value.len() => return Err((rest, "a comment in the place of a value")),
            '$' => after_substitution(rest)?,
            it if is_plain(it) => &rest[it.len_utf8()..],
            _ => return Err((rest, "a character that needs quotes")),
        };
    }
    Ok(rest)
}

/// `${NAME}` and `${NAME:-default}`, with a plain default, are the only substitutions that compose and bash make alike.
fn after_substitution(rest: &str) -> Result<&str, (&str, &'static str)> {
    const MESSAGE: &str =
        "`$` outside `${NAME}` and `${NAME:-default}`, the only forms that compose and bash read alike";
    let body = rest.strip_prefix("${").ok_or((rest, MESSAGE))?;
    let (name, after) = body.split_once('}').ok_or((rest, MESSAGE))?;
    let (name, default) = name.split_once(DEFAULT).unwrap_or((name, ""));
    let is_name = default.chars().all(is_plain)
        && !name.is_empty()
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    if is_name { Ok(after) } else { Err((rest, MESSAGE)) }
}

/// Whether a character needs no quotes for any reader.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "_./:@%+,=^~#-".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let mut findings = Findings::default();
        let entries = parse(&Source::new(".env", text), &mut findings);
        assert_eq!(findings.to_string(), "");
        entries.into_iter().map(|it| (it.name, it.value)).collect()
    }

    fn refusal(line: &str) -> String {
        let mut findings = Findings::default();
        parse(&Source::new(".env", format!("A=1\n{line}\n")), &mut findings);
        findings.to_string()
    }

    #[test]
    fn what_all_three_readers_agree_on_is_read() {
        for (line, value) in [
            ("X=", ""),
            ("X=plain", "plain"),
            ("X='a b'", "a b"),
            ("X=\"a b\"", "a b"),
            ("X='pa$w'", "pa$w"),
            ("X='${A}'", "${A}"),
            ("X=${A}/z", "1/z"),
            ("X=\"${A}/z\"", "1/z"),
            ("X=${A:-d}/${NONE_OF_THIS:-e/f}", "1/e/f"),
            ("X=\"${NONE_OF_THIS:-}/z\"", "/z"),
            ("X='${A:-d}'", "${A:-d}"),
            ("X=a #b", "a"),
            ("X='a' # b", "a"),
            ("X=a#b", "a#b"),
            ("export X=v", "v"),
            ("X=\"it's\"", "it's"),
            ("X='EPFL\\jdoe'", "EPFL\\jdoe"),
            ("X=café", "café"),
        ] {
            let found = values(&format!("A=1\n{line}\n"));
            assert_eq!(found[1], ("X".to_owned(), value.to_owned()), "{line}");
        }
    }

    #[test]
    fn what_they_disagree_on_is_refused_with_its_place_and_a_way_out() {
        for (line, place, way_out) in [
            ("X=two words", "2:7", "write `X='two words'`"),
            ("X=pa$$w", "2:5", "write `X='pa$$w'`"),
            ("X=$(id -u)", "2:3", "write what the command prints"),
            ("X=~/a", "2:3", "write `X=${HOME}/a`"),
            ("X=${N:-a b}", "2:3", "write `X='${N:-a b}'`"),
            ("X=${N:?say}", "2:3", "write `X='${N:?say}'`"),
            ("X=\"a\\tb\"", "2:5", "write `X='a\\tb'`"),
            ("X='it'\\''s'", "2:7", "choose a value without"),
            ("X='a\\'", "2:5", "choose a value without"),
            ("X=a;rm", "2:4", "write `X='a;rm'`"),
            ("X = v", "2:2", "write `X=value`"),
            ("X: v", "2:2", "write `X=value`"),
            ("X", "2:2", "write `X=value`"),
            ("X='open", "2:3", "write"),
            ("X=v\r", "2:4", "Unix line endings"),
            ("X=\r#v", "2:3", "Unix line endings"),
            ("=v", "2:1", "write `NAME=value`"),
            ("A=2", "2:1", "keep one"),
        ] {
            let found = refusal(line);
            assert!(found.starts_with(&format!(".env:{place}: error[E050")), "{line}: {found}");
            assert!(found.contains(way_out), "{line}: {found}");
        }
    }

    #[test]
    fn every_refusal_is_shown_at_once() {
        assert_eq!(refusal("X=a b\nY=c d").matches("error[").count(), 2);
    }

    #[test]
    fn what_is_written_is_read_back_by_bash_and_by_us() {
        for value in [
            "",
            "plain",
            "a b",
            "it's",
            "a\\b",
            "$HOME",
            "`id`",
            "#x",
            "~",
            "a#b",
            "é à",
            "{\"a\":1}",
            "!x",
            "a=b",
            "*",
        ] {
            let line = format!("X={}", quote(value).unwrap());
            assert_eq!(values(&line)[0].1, value, "{line}");
            let script = format!("{line}\nprintf %s \"$X\"");
            let output = assert_cmd::Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), value, "{line}");
        }
        assert_eq!(quote("a'b\"c"), None);
        assert_eq!(quote("two\nlines"), None);
    }
}
