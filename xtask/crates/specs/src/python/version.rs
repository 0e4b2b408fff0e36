//! Versions of Python packages.

use std::cmp::Ordering;
use std::fmt;

use super::{cursor::Cursor, number::Number};

const SEPARATORS: [&str; 3] = [".", "_", "-"];

/// Every spelling of the kinds of pre-releases. Longer ones stand before those that they begin with.
///
/// Source: PEP 440, "Pre-release spelling".
const PRE_LABELS: &[(&str, PreKind)] = &[
    ("alpha", PreKind::Alpha),
    ("a", PreKind::Alpha),
    ("beta", PreKind::Beta),
    ("b", PreKind::Beta),
    ("preview", PreKind::Candidate),
    ("pre", PreKind::Candidate),
    ("rc", PreKind::Candidate),
    ("c", PreKind::Candidate),
];

/// Every spelling of a post-release. Source: PEP 440, "Post release spelling".
const POST_LABELS: &[(&str, ())] = &[("post", ()), ("rev", ()), ("r", ())];

const DEV_LABELS: &[(&str, ())] = &[("dev", ())];

/// A version, `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`, in any spelling that means the same.
///
/// Two versions are equal where PEP 440 says so: `1.0` and `1.0.0` are.
///
/// Source: PEP 440, "Public version identifiers", "Local version identifiers" and "Normalization".
#[derive(Debug, Clone)]
pub struct Version {
    epoch: Number,
    release: Vec<Number>,
    pre: Option<(PreKind, Number)>,
    post: Option<Number>,
    dev: Option<Number>,
    local: Vec<LocalPart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PreKind {
    Alpha,
    Beta,
    Candidate,
}

/// A piece of a local version; words are below numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum LocalPart {
    QuotedWord(String),
    Number(Number),
}

/// Where a release is on the way to being final.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage<'a> {
    /// A development release of the final one is below all pre-releases.
    Development,
    Pre(&'a (PreKind, Number)),
    Final,
}

impl Version {
    /// The spelling of a version that indexes use; a text that PEP 440 does not know stays as it is.
    pub fn normalise(text: &str) -> String {
        Self::parse(text).map_or_else(|| text.to_owned(), |it| it.to_string())
    }

    /// Parses a version; `None` where PEP 440 knows no such spelling.
    pub fn parse(text: &str) -> Option<Self> {
        let mut cursor = Cursor::new(text.trim());
        cursor.eat_in_any_case("v");
        let (epoch, first) = epoch_and_first_number(&mut cursor)?;
        let version = Self {
            epoch,
            release: release(&mut cursor, first),
            pre: labelled(&mut cursor, PRE_LABELS),
            post: post(&mut cursor),
            dev: labelled(&mut cursor, DEV_LABELS).map(|((), number)| number),
            local: local(&mut cursor)?,
        };
        cursor.is_at_end().then_some(version)
    }

    /// Whether it is a pre-release or a development release. Source: PEP 440, "Handling of pre-releases".
    pub(super) fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// Whether it is a post-release.
    pub(super) fn is_postrelease(&self) -> bool {
        self.post.is_some()
    }

    /// Whether it is a development release.
    pub(super) fn is_devrelease(&self) -> bool {
        self.dev.is_some()
    }

    /// Whether it has a local version.
    pub(super) fn is_local(&self) -> bool {
        !self.local.is_empty()
    }

    /// Whether it is nothing but an epoch and numbers.
    pub(super) fn is_bare_release(&self) -> bool {
        !self.is_prerelease() && !self.is_postrelease() && !self.is_local()
    }

    /// Of how many numbers its release is.
    pub(super) fn release_length(&self) -> usize {
        self.release.len()
    }

    /// Without its local version.
    pub(super) fn public(&self) -> Self {
        Self { local: Vec::new(), ..self.clone() }
    }

    /// The first of its development releases, which is the least of all that lead to it.
    pub(super) fn first_development(&self) -> Self {
        Self { dev: Some(Number::zero()), ..self.public() }
    }

    /// Whether both are of one release and of one pre-release of it, and so differ as post-releases do.
    pub(super) fn has_same_release_and_pre(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.trimmed_release() == other.trimmed_release() && self.pre == other.pre
    }

    /// Whether the release begins with the first `length` numbers of another one's; missing numbers are zeros.
    ///
    /// Source: PEP 440, "Version matching".
    pub(super) fn begins_as(&self, other: &Self, length: usize) -> bool {
        let zero = Number::zero();
        let numbers = self.release.iter().chain(std::iter::repeat(&zero));
        self.epoch == other.epoch && other.release.iter().take(length).zip(numbers).all(|(a, b)| a == b)
    }

    fn trimmed_release(&self) -> &[Number] {
        let end = self.release.iter().rposition(|it| !it.is_zero()).map_or(0, |last| last + 1);
        &self.release[..end]
    }

    fn stage(&self) -> Stage<'_> {
        match &self.pre {
            Some(pre) => Stage::Pre(pre),
            None if self.post.is_none() && self.dev.is_some() => Stage::Development,
            None => Stage::Final,
        }
    }

    /// What is compared, the most significant first. A release without `dev` is above all of its development releases.
    fn key(&self) -> impl Ord + '_ {
        (&self.epoch, self.trimmed_release(), self.stage(), &self.post, (self.dev.is_none(), &self.dev), &self.local)
    }
}

fn digits(cursor: &mut Cursor<'_>) -> Option<Number> {
    let digits = cursor.take_while(|it| it.is_ascii_digit());
    (!digits.is_empty()).then(|| Number::from_digits(digits))
}

fn epoch_and_first_number(cursor: &mut Cursor<'_>) -> Option<(Number, Number)> {
    let number = digits(cursor)?;
    if cursor.eat("!") { Some((number, digits(cursor)?)) } else { Some((Number::zero(), number)) }
}

fn release(cursor: &mut Cursor<'_>, first: Number) -> Vec<Number> {
    let mut release = vec![first];
    while let Some(number) = prefixed_digits(cursor, ".") {
        release.push(number);
    }
    release
}

fn prefixed_digits(cursor: &mut Cursor<'_>, prefix: &str) -> Option<Number> {
    let mut ahead = cursor.clone();
    let number = if ahead.eat(prefix) { digits(&mut ahead) } else { None };
    if number.is_some() {
        *cursor = ahead;
    }
    number
}

/// One of the labels with its number, and the separators that may stand before and behind the label.
fn labelled<T: Copy>(cursor: &mut Cursor<'_>, labels: &[(&str, T)]) -> Option<(T, Number)> {
    let mut ahead = cursor.clone();
    eat_separator(&mut ahead);
    let (_, meaning) = labels.iter().find(|(label, _)| ahead.eat_in_any_case(label))?;
    eat_separator(&mut ahead);
    let number = digits(&mut ahead).unwrap_or_else(Number::zero);
    *cursor = ahead;
    Some((*meaning, number))
}

fn eat_separator(cursor: &mut Cursor<'_>) {
    let _ = SEPARATORS.iter().any(|it| cursor.eat(it));
}

/// A post-release, also in the form `-N` (PEP 440, "Implicit post releases").
fn post(cursor: &mut Cursor<'_>) -> Option<Number> {
    prefixed_digits(cursor, "-").or_else(|| labelled(cursor, POST_LABELS).map(|((), number)| number))
}

/// The local version; `None` where there is a malformed one.
fn local(cursor: &mut Cursor<'_>) -> Option<Vec<LocalPart>> {
    if !cursor.eat("+") {
        return Some(Vec::new());
    }
    cursor.take_while(|_| true).split(['.', '_', '-']).map(local_part).collect()
}

fn local_part(text: &str) -> Option<LocalPart> {
    let is_valid = !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric());
    let is_number = text.chars().all(|it| it.is_ascii_digit());
    match (is_valid, is_number) {
        (false, _) => None,
        (true, true) => Some(LocalPart::Number(Number::from_digits(text))),
        (true, false) => Some(LocalPart::QuotedWord(text.to_ascii_lowercase())),
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

/// The normal form of PEP 440.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.epoch.is_zero() {
            write!(f, "{}!", self.epoch)?;
        }
        write!(f, "{}", joined(&self.release))?;
        if let Some((kind, number)) = &self.pre {
            write!(f, "{kind}{number}")?;
        }
        if let Some(number) = &self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = &self.dev {
            write!(f, ".dev{number}")?;
        }
        if self.is_local() { write!(f, "+{}", joined(&self.local)) } else { Ok(()) }
    }
}

fn joined(parts: &[impl fmt::Display]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

impl fmt::Display for PreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        })
    }
}

impl fmt::Display for LocalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QuotedWord(word) => f.write_str(word),
            Self::Number(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::rows;
    use super::*;

    const CASES: &str = include_str!("../../tests/data/python/versions.tsv");

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn versions_are_valid_and_printed_as_packaging_has_it() {
        for case in rows(CASES) {
            let [text, verdict, canonical, _rank] = case.as_slice() else { panic!("{case:?}") };
            let parsed = Version::parse(text);
            assert_eq!(parsed.is_some(), verdict == "valid", "{text:?}");
            if let Some(parsed) = parsed {
                assert_eq!(&parsed.to_string(), canonical, "{text:?}");
                assert_eq!(version(&parsed.to_string()), parsed, "{text:?}");
            }
        }
    }

    #[test]
    fn versions_are_ordered_as_packaging_has_it() {
        let ranked: Vec<(Version, usize)> = rows(CASES)
            .into_iter()
            .filter(|case| case[1] == "valid")
            .map(|case| (version(&case[0]), case[3].parse().unwrap()))
            .collect();
        for (left, left_rank) in &ranked {
            for (right, right_rank) in &ranked {
                assert_eq!(left.cmp(right), left_rank.cmp(right_rank), "{left} and {right}");
            }
        }
    }

    #[test]
    fn numbers_of_any_size_are_compared() {
        assert!(version("1.99999999999999999999999999") > version("1.2"));
        assert!(version("20240101000000000000000!1") > version("9!9"));
        assert_eq!(version("1.0.0"), version("1"));
    }
}
