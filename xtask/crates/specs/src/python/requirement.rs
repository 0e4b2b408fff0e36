//! Requirements of PEP 508: a package, its extras, its versions or URL, and a marker.

use std::fmt;
use std::ops::Range;

use report::{Code, Problem};

use super::{
    Marker, SpecifierSet,
    cursor::{Cursor, is_blank},
    name::{is_name, is_name_character},
    specifier::between_commas,
    unnamed_url::meant_by_ssh_address,
};

/// A requirement of PEP 508, such as `uvicorn[standard]>=0.30; python_version < "3.13"`.
///
/// Source: the PyPA's "Dependency specifiers" (PEP 508).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// As written, not normalised.
    pub name: String,
    /// As written and in their order, not normalised.
    pub extras: Vec<String>,
    pub source: RequirementSource,
    /// `None` where it holds on every platform.
    pub marker: Option<Marker>,
}

/// The versions that a requirement allows, or the URL that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequirementSource {
    Any,
    Versions(SpecifierSet),
    Url(String),
}

impl Requirement {
    /// The URL that it is fetched from, where it is not an index's choice.
    pub fn url(&self) -> Option<&str> {
        match &self.source {
            RequirementSource::Url(url) => Some(url),
            RequirementSource::Any | RequirementSource::Versions(_) => None,
        }
    }

    /// Parses a requirement; what `packaging` accepts beyond the specification is named in the module's tests.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::parse_in(text, text.len())
    }

    /// Parses the requirement that a line begins with.
    pub(super) fn parse_in(line: &str, end: usize) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(&line[..end]);
        cursor.skip_blanks();
        let name = name(&mut cursor)?;
        cursor.skip_blanks();
        let extras = extras(&mut cursor)?;
        cursor.skip_blanks();
        let source = if cursor.eat("@") { url(&mut cursor)? } else { versions(line, &mut cursor)? };
        let marker = marker(&line[..end], &mut cursor)?;
        Ok(Self { name, extras, source, marker })
    }
}

fn problem(range: Range<usize>, message: impl Into<String>) -> Problem {
    Problem::new(Code::Requirement, range, message)
}

fn name(cursor: &mut Cursor<'_>) -> Result<String, Problem> {
    let start = cursor.at();
    let name = cursor.take_while(is_name_character);
    if is_name(name) {
        return Ok(name.to_owned());
    }
    let message = if name.is_empty() {
        "the line does not begin with a package's name".to_owned()
    } else {
        format!("`{name}` cannot be a package's name")
    };
    let help = "begin and end the name with a letter or digit, and have only letters, digits, `-`, `_` and `.` in it";
    Err(problem(start..cursor.at(), message).help(help))
}

/// The extras in brackets, if there are brackets.
fn extras(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Problem> {
    let start = cursor.at();
    if !cursor.eat("[") {
        return Ok(Vec::new());
    }
    let inside = cursor.take_while(|it| it != ']');
    if !cursor.eat("]") {
        let help = "close the list of extras, as in `uvicorn[standard]`";
        return Err(problem(start..cursor.at(), "`[` is not closed").help(help));
    }
    if inside.trim_matches(is_blank).is_empty() {
        return Ok(Vec::new());
    }
    let extras: Vec<&str> = inside.split(',').map(|it| it.trim_matches(is_blank)).collect();
    match extras.iter().find(|it| !is_name(it)) {
        Some(extra) => Err(problem(start..cursor.at(), format!("`{extra}` cannot be the name of an extra"))
            .help("list names with commas between them, as in `uvicorn[standard,dev]`")),
        None => Ok(extras.into_iter().map(str::to_owned).collect()),
    }
}

/// The URL behind `@`, and the blanks that end it.
fn url(cursor: &mut Cursor<'_>) -> Result<RequirementSource, Problem> {
    cursor.skip_blanks();
    let start = cursor.at();
    let url = cursor.take_while(|it| !is_blank(it));
    // Others would be an option or a comment to pip.
    if !url.starts_with(|it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '/' | '$' | '~')) {
        let help = "write `NAME @ URL`, as in `pip @ https://example.org/pip-24.0-py3-none-any.whl`";
        return Err(problem(start..cursor.at(), "a URL is missing after `@`").help(help));
    }
    if let Some(better) = meant_by_ssh_address(url) {
        let message = "an address of git's command line, which is no URL";
        return Err(problem(start..cursor.at(), message).help(format!("write `{better}`")));
    }
    if let Some(at) = url.find(char::is_whitespace) {
        let help = "write each package as an entry of its own";
        return Err(problem(start + at..cursor.at(), "the URL has a line break in it").help(help));
    }
    cursor.skip_blanks();
    if !cursor.is_at_end() && !cursor.rest().starts_with(';') {
        let end = cursor.at() + cursor.rest().len();
        let help = "write `NAME @ URL ; MARKER`, with a blank on either side of the `;`";
        return Err(problem(cursor.at()..end, "only a marker can follow a URL").help(help));
    }
    Ok(RequirementSource::Url(url.to_owned()))
}

/// The versions up to the marker, in parentheses or without.
fn versions(line: &str, cursor: &mut Cursor<'_>) -> Result<RequirementSource, Problem> {
    let open = cursor.at();
    let is_enclosed = cursor.eat("(");
    cursor.skip_blanks();
    let start = cursor.at();
    let close = if is_enclosed { ')' } else { ';' };
    let text = cursor.take_while(|it| it != close);
    let piece = start..start + text.trim_end_matches(is_blank).len();
    if is_enclosed && !cursor.eat(")") {
        let help = "close the parenthesis, or leave it out: `numpy>=1.26,<3`";
        return Err(problem(open..cursor.at(), "`(` is not closed").help(help));
    }
    cursor.skip_blanks();
    if let Some(at) = line[piece.clone()].find(['\n', '\r']) {
        let help = "write each package as an entry of its own";
        return Err(problem(piece.start + at..piece.end, "the requirement has a line break in it").help(help));
    }
    let versions = SpecifierSet::parse_in(line, piece.clone())?;
    no_stray_comma(line, piece)?;
    Ok(if versions.is_empty() { RequirementSource::Any } else { RequirementSource::Versions(versions) })
}

/// Only behind the last comparison can a comma stand that nothing follows.
fn no_stray_comma(line: &str, piece: Range<usize>) -> Result<(), Problem> {
    let pieces: Vec<Range<usize>> = between_commas(line, piece.clone()).collect();
    let is_missing = |it: &Range<usize>| line[it.clone()].trim().is_empty();
    let stray = pieces.iter().position(is_missing).filter(|at| *at == 0 || at + 1 < pieces.len());
    match stray {
        Some(at) if !piece.is_empty() => {
            let place = pieces[at].clone();
            Err(problem(place.start..place.end.max(place.start), "a comparison is missing beside a comma")
                .help("leave the comma out, or write comparisons such as `>=1.2,<2`"))
        }
        _ => Ok(()),
    }
}

fn marker(line: &str, cursor: &mut Cursor<'_>) -> Result<Option<Marker>, Problem> {
    if cursor.is_at_end() {
        return Ok(None);
    }
    if !cursor.eat(";") {
        let help = "write the versions with commas between them, and `;` before a marker";
        let message = format!("`{}` cannot follow the versions", cursor.rest());
        return Err(problem(cursor.at()..line.len(), message).help(help));
    }
    Marker::parse_in(line, cursor.at()).map(Some)
}

/// The form that `pip freeze` and `packaging` have, in the order of the text.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.extras.is_empty() {
            write!(f, "[{}]", self.extras.join(","))?;
        }
        match &self.source {
            RequirementSource::Any => {}
            RequirementSource::Versions(versions) => write!(f, "{versions}")?,
            RequirementSource::Url(url) => write!(f, " @ {url}")?,
        }
        match (&self.marker, &self.source) {
            (None, _) => Ok(()),
            // A `;` that follows closely would be part of the URL.
            (Some(marker), RequirementSource::Url(_)) => write!(f, " ; {marker}"),
            (Some(marker), _) => write!(f, "; {marker}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::rows;
    use super::*;

    const CASES: &str = include_str!("../../tests/data/python/requirements.tsv");

    /// What `packaging` accepts and the specification does not.
    const BEYOND_THE_SPECIFICATION: &[&str] = &["a_", "a==="];

    fn sorted(mut parts: Vec<String>) -> String {
        parts.sort();
        parts.dedup();
        parts.join(",")
    }

    #[test]
    fn requirements_are_valid_and_mean_what_packaging_has() {
        for case in rows(CASES) {
            let [text, verdict, name, extras, specifiers, url, marker] = case.as_slice() else { panic!("{case:?}") };
            let parsed = Requirement::parse(text);
            let is_valid = verdict == "valid" && !BEYOND_THE_SPECIFICATION.contains(&text.as_str());
            assert_eq!(parsed.is_ok(), is_valid, "{text:?}: {parsed:?}");
            let Ok(parsed) = parsed else { continue };
            assert_eq!(Requirement::parse(&parsed.to_string()).as_ref(), Ok(&parsed), "{text:?}");
            assert_eq!(&parsed.name, name, "{text:?}");
            assert_eq!(&sorted(parsed.extras.clone()), extras, "{text:?}");
            let expected = if marker.is_empty() { None } else { Some(Marker::parse(marker).unwrap()) };
            assert_eq!(parsed.marker, expected, "{text:?}");
            match &parsed.source {
                RequirementSource::Any => assert_eq!((specifiers.as_str(), url.as_str()), ("", ""), "{text:?}"),
                RequirementSource::Url(parsed) => assert_eq!(parsed, url, "{text:?}"),
                RequirementSource::Versions(parsed) => assert_eq!(&parsed.to_string(), specifiers, "{text:?}"),
            }
        }
    }

    #[test]
    fn mistakes_come_with_the_right_spelling() {
        for (text, code, help) in [
            ("torch=2.1", Code::PipSingleEquals, "write `torch==2.1`"),
            ("torch =2.1.*=cuda ; os_name=='nt'", Code::PipSingleEquals, "write `torch==2.1.* ; os_name=='nt'`"),
            ("numpy 1.26", Code::Requirement, "write `numpy==1.26`"),
            ("numpy 1.26 py312_0", Code::Requirement, "write `numpy==1.26`"),
            ("numpy (1.26)", Code::Requirement, "write `numpy (==1.26)`"),
            ("numpy>=1 <2", Code::Requirement, "write `numpy>=1,<2`"),
            ("numpy; python_version>3", Code::Requirement, "write `numpy; python_version>\"3\"`"),
        ] {
            let problem = Requirement::parse(text).unwrap_err();
            assert_eq!((problem.code, problem.help.as_deref()), (code, Some(help)), "{text}");
        }
    }

    #[test]
    fn ranges_are_of_the_line() {
        assert_eq!(Requirement::parse("é").unwrap_err().range, 0..0);
        assert_eq!(Requirement::parse("a >=1, é ; x").unwrap_err().range, 7..9);
        assert_eq!(Requirement::parse("a[é").unwrap_err().range, 1..4);
        assert_eq!(Requirement::parse("a ; os_name == x").unwrap_err().range, 15..16);
    }
}
