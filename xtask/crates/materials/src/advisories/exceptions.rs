//! `dependencies/audit.toml`: known vulnerabilities that somebody has looked at and lives with, until a day.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use report::{Code, Findings, Source, Span, parses};
use specs::python::normalised;

use super::CalendarDate;

/// The entries of the file, of which each has a reason and an end.
#[derive(Debug, Default)]
pub struct Exceptions {
    entries: Vec<ExceptionEntry>,
}

#[derive(Debug)]
pub(super) struct ExceptionEntry {
    /// Any of the names of a vulnerability.
    pub id: String,
    /// Normalised; `None` for all that have it.
    pub package: Option<String>,
    pub until: CalendarDate,
    pub id_place: Span,
    pub until_place: Span,
}

const KEYS: [&str; 4] = ["id", "package", "reason", "until"];
const EXAMPLE: &str = "write `[[ignore]]` with `id = \"GHSA-…\"`, `reason = \"…\"` and `until = 2027-03-01`, and `package` if it is about one alone";

impl Exceptions {
    /// Its place in the repository.
    pub const FILE: &str = "dependencies/audit.toml";

    /// Parses the file. An entry with a mistake is a finding, and is none.
    pub fn parse(source: &Source, findings: &mut Findings) -> Self {
        parses::note(&source.file, &source.text);
        let document = match DeTable::parse(&source.text) {
            Ok(document) => document,
            Err(error) => {
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                findings.push(source.at(Code::TomlSyntax, source.span(error.span().unwrap_or_default()), message));
                return Self::default();
            }
        };
        let mut entries = Vec::new();
        for (key, value) in document.get_ref() {
            let tables = (key.get_ref() == "ignore").then(|| value.get_ref().as_array()).flatten();
            let Some(tables) = tables else {
                let message = format!("`{}` is not a list of entries `[[ignore]]`", key.get_ref());
                findings.push(source.at(Code::AuditIgnore, source.span(key.span()), message).help(EXAMPLE));
                continue;
            };
            entries.extend(tables.iter().filter_map(|it| entry(source, it, findings)));
        }
        Self { entries }
    }

    pub(super) fn entries(&self) -> &[ExceptionEntry] {
        &self.entries
    }
}

fn entry(source: &Source, value: &Spanned<DeValue<'_>>, findings: &mut Findings) -> Option<ExceptionEntry> {
    let mut wrong = |place: Range<usize>, message: String| {
        findings.push(source.at(Code::AuditIgnore, source.span(place), message).help(EXAMPLE));
    };
    let Some(table) = value.get_ref().as_table() else {
        wrong(value.span(), "an entry of `ignore` is not a table".to_owned());
        return None;
    };
    for (key, _) in table.iter().filter(|(key, _)| !KEYS.contains(&&**key.get_ref())) {
        wrong(key.span(), format!("`{}` is no key of an entry", key.get_ref()));
    }
    let mut text = |key: &str| {
        let field = table.get(key);
        let text = field.and_then(|it| Some((text_of(it)?, it.span()))).filter(|it| !it.0.trim().is_empty());
        if text.is_none() {
            let place = field.map_or_else(|| value.span(), Spanned::span);
            wrong(place, format!("the entry has no `{key}`"));
        }
        text
    };
    let (id, reason, until) = (text("id"), text("reason"), text("until"));
    let (id, id_place) = id?;
    let (until, until_place) = until?;
    let Some(date) = CalendarDate::parse(&until) else {
        wrong(until_place, format!("`{until}` is no date"));
        return None;
    };
    let package = table.get("package").and_then(text_of).map(|it| normalised(&it));
    reason.map(|_| ExceptionEntry {
        id,
        package,
        until: date,
        id_place: source.span(id_place),
        until_place: source.span(until_place),
    })
}

/// A date is as good as its text.
fn text_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Vec<String>, String) {
        let mut findings = Findings::default();
        let exceptions = Exceptions::parse(&Source::new(Exceptions::FILE, text), &mut findings);
        let shown = exceptions.entries.iter().map(|it| format!("{} {:?} {}", it.id, it.package, it.until)).collect();
        (shown, findings.to_string())
    }

    #[test]
    fn an_entry_has_an_id_a_reason_and_an_end() {
        let text = "[[ignore]]\nid = 'CVE-1'\npackage = 'Some_Thing'\nreason = 'not called'\nuntil = 2027-03-01\n\n\
                    [[ignore]]\nid = 'CVE-2'\nreason = 'x'\nuntil = '2027-03-02'\n";
        let (entries, findings) = parse(text);
        assert_eq!(entries, ["CVE-1 Some(\"some-thing\") 2027-03-01", "CVE-2 None 2027-03-02"]);
        assert_eq!(findings, "");
        assert_eq!(parse(""), (Vec::new(), String::new()));
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_the_entry_does_not_count() {
        let complete = "id = 'CVE-1'\nreason = 'x'\nuntil = 2027-03-01\n";
        for (text, place) in [
            ("[[ignore]]\nid = 'CVE-1'\nuntil = 2027-03-01\n", ":1:1: error[E0607]: the entry has no `reason`"),
            (
                "[[ignore]]\nid = 'CVE-1'\nreason = ' '\nuntil = 2027-03-01\n",
                ":3:10: error[E0607]: the entry has no `reason`",
            ),
            ("[[ignore]]\nid = 'CVE-1'\nreason = 'x'\n", ":1:1: error[E0607]: the entry has no `until`"),
            ("[[ignore]]\nid = 'CVE-1'\nreason = 'x'\nuntil = 'never'\n", ":4:9: error[E0607]: `never` is no date"),
            ("ignore = ['CVE-1']\n", ":1:11: error[E0607]: an entry of `ignore` is not a table"),
            ("[ignored]\n", ":1:2: error[E0607]: `ignored` is not a list"),
            ("[[ignore]\n", "error[E0601]"),
        ] {
            let (entries, findings) = parse(text);
            assert!(entries.is_empty() && findings.contains(place), "{text}: {findings}");
        }
        let (entries, findings) = parse(&format!("[[ignore]]\n{complete}why = 'x'\n"));
        assert_eq!(entries.len(), 1);
        assert!(findings.contains(":5:1: error[E0607]: `why` is no key"), "{findings}");
    }
}
