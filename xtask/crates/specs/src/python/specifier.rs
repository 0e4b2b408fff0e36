//! Version specifiers of PEP 440, such as `>=1.2,<2`.

use std::fmt;
use std::ops::Range;

use report::Problem;

use super::{Clause, Version};

/// Comparisons that all have to hold, such as `>=1.2,<2`; none of them for any version.
///
/// Source: PEP 440, "Version specifiers".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpecifierSet(Vec<Clause>);

impl SpecifierSet {
    /// Parses comparisons with commas between them; commas too many are harmless, as they are to `packaging`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::parse_in(text, 0..text.len())
    }

    /// Parses what a piece of a line says.
    pub(super) fn parse_in(line: &str, piece: Range<usize>) -> Result<Self, Problem> {
        let clauses = between_commas(line, piece).filter(|it| !line[it.clone()].trim().is_empty());
        Ok(Self(clauses.map(|it| Clause::parse_in(line, it)).collect::<Result<_, _>>()?))
    }

    /// Whether a version satisfies all of it; pre-releases are versions like others.
    pub fn contains(&self, version: &Version) -> bool {
        self.0.iter().all(|it| it.contains(version))
    }

    /// Whether it allows every version.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of the comparisons, in the order of the text.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.0.iter()
    }
}

/// The pieces between the commas.
pub(super) fn between_commas(line: &str, piece: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    line[piece.clone()].split(',').scan(piece.start, |next, text| {
        let start = *next;
        *next = start + text.len() + 1;
        Some(start..start + text.len())
    })
}

/// The order of the text, without blanks.
impl fmt::Display for SpecifierSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clauses: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&clauses.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::rows;
    use super::*;
    use report::Code;

    const SPECIFIERS: &str = include_str!("../../tests/data/python/specifiers.tsv");
    const CONTAINS: &str = include_str!("../../tests/data/python/contains.tsv");

    #[test]
    fn specifiers_are_valid_as_packaging_has_it() {
        for case in rows(SPECIFIERS) {
            let [text, verdict, printed] = case.as_slice() else { panic!("{case:?}") };
            let parsed = SpecifierSet::parse(text);
            assert_eq!(parsed.is_ok(), verdict == "valid", "{text:?}: {parsed:?}");
            let Ok(parsed) = parsed else { continue };
            assert_eq!(&parsed.to_string(), printed);
            assert_eq!(SpecifierSet::parse(printed).as_ref(), Ok(&parsed), "{text:?}");
        }
    }

    #[test]
    fn versions_satisfy_specifiers_as_packaging_has_it() {
        for case in rows(CONTAINS) {
            let [text, version, verdict] = case.as_slice() else { panic!("{case:?}") };
            let specifiers = SpecifierSet::parse(text).unwrap();
            let contains = specifiers.contains(&Version::parse(version).unwrap());
            assert_eq!(contains, verdict == "yes", "{version} and {text}");
        }
    }

    #[test]
    fn mistakes_come_with_the_right_spelling() {
        for (text, code, help) in [
            ("=>1.0", Code::Requirement, "write `>=1.0`"),
            ("=1.0=py_0", Code::PipSingleEquals, "write `==1.0`"),
            (">=1, 2", Code::Requirement, "write `>=1,==2`"),
            (">=1 <2", Code::Requirement, "write `>=1,<2`"),
            ("<2,>=1.*", Code::Requirement, "write `<2,>=1`"),
            ("~=1", Code::Requirement, "write `>=1`"),
            (">1.0+cpu", Code::Requirement, "write `>1.0`"),
            ("==1.0a1.*", Code::Requirement, "write `==1.0a1`"),
            ("==x", Code::Requirement, "write comparisons such as `>=1.2,<2` or `==1.2.*`"),
        ] {
            let problem = SpecifierSet::parse(text).unwrap_err();
            assert_eq!((problem.code, problem.help.as_deref()), (code, Some(help)), "{text}");
        }
        assert_eq!(SpecifierSet::parse(">=1, é").unwrap_err().range, 5..7);
    }

    #[test]
    fn each_comparison_can_be_looked_at() {
        let specifiers = SpecifierSet::parse(" >= 1.0 , == 1.* ").unwrap();
        let clauses: Vec<(&str, &str)> = specifiers.iter().map(|it| (it.operator().symbol(), it.version())).collect();
        assert_eq!(clauses, [(">=", "1.0"), ("==", "1.*")]);
        assert!(SpecifierSet::parse(" ").unwrap().is_empty());
    }
}
