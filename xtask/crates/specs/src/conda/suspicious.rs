//! Match specs that conda reads otherwise than most people mean them.

use std::collections::HashSet;
use std::ops::Range;

use report::{Code, Problem};

use super::{CondaOperator, MatchSpec, VersionSpec, brackets::EXTRAS, version::is_version_character};

/// How many numbers a version of a package has, so that it is not the beginning of others. Many packages stop at two;
/// Python has three, always.
fn full_release(name: &str) -> usize {
    if name == "python" { 3 } else { 2 }
}

/// What is suspicious about a match spec; the ranges are those of its `text`.
///
/// Source: conda's documentation, "Package search and install specifications": `==` compares with just one version,
/// where pip's users expect all that begin with it.
pub fn suspicious(spec: &MatchSpec) -> Vec<Problem> {
    let leaves = spec.version.as_ref().map(VersionSpec::leaves).unwrap_or_default();
    let is_alone = leaves.len() == 1;
    let bounds: HashSet<&str> = leaves.iter().filter_map(|it| upper_bound(it)).collect();
    let exact: HashSet<&str> = leaves.into_iter().filter_map(exact_version).collect();
    let of = |operator| written_with(operator, &spec.text).into_iter();
    let bounds = of("<=").filter(|it| bounds.contains(it.version)).filter_map(|it| short_bound(spec, &it));
    let exact =
        of("==").filter(|it| exact.contains(it.version)).filter_map(|it| suspicious_version(spec, &it, is_alone));
    exact.chain(bounds).chain(extras(spec)).collect()
}

fn upper_bound(leaf: &VersionSpec) -> Option<&str> {
    match leaf {
        VersionSpec::Clause { operator: CondaOperator::LessOrEqual, version } => Some(version.as_str()),
        _ => None,
    }
}

/// Of Python alone: its releases have three numbers, so that 3.10 is before all but the first of its series.
fn short_bound(spec: &MatchSpec, written: &Written<'_>) -> Option<Problem> {
    let Written { range, version, .. } = written;
    if spec.name != "python" || !is_short_release(&spec.name, version) {
        return None;
    }
    let (series, last) = version.rsplit_once('.')?;
    let next: u32 = last.parse().ok()?;
    let message = format!(
        "`{}` ends with {version}.0, and leaves out the other releases of {version}",
        &spec.text[range.clone()]
    );
    let help = format!("write `<{series}.{}`", next + 1);
    Some(Problem::new(Code::CondaExactShort, range.clone(), message).help(help))
}

/// conda accepts extras and ignores them.
fn extras(spec: &MatchSpec) -> Option<Problem> {
    let (_, names) = spec.brackets.iter().find(|(key, _)| key == EXTRAS)?;
    let start = spec.text.find('[')?;
    let end = spec.text[start..].find(']').map_or(spec.text.len(), |it| start + it + 1);
    let message = format!("`[{names}]` are extras, which conda ignores");
    let help = format!("move `{}` below `- pip:`, or list the packages that the extras stand for", spec.text);
    Some(Problem::new(Code::CondaExtras, start..end, message).help(help))
}

fn exact_version(leaf: &VersionSpec) -> Option<&str> {
    match leaf {
        VersionSpec::Clause { operator: CondaOperator::Equal | CondaOperator::EqualWildcard, version } => {
            Some(version.as_str())
        }
        _ => None,
    }
}

fn suspicious_version(spec: &MatchSpec, written: &Written<'_>, is_alone: bool) -> Option<Problem> {
    let Written { range, version, has_wildcard } = written;
    let better = if is_alone { format!("{}={version}", spec.name) } else { format!("{version}.*") };
    let text = &spec.text[range.clone()];
    let (code, message) = if *has_wildcard {
        let message =
            format!("`{text}` is read in two ways: as all versions that begin with {version}, and as {version} alone");
        (Code::CondaExactWildcard, message)
    } else if spec.build.is_none() && is_short_release(&spec.name, version) {
        let message = format!("`{text}` means just {version} to conda, not the versions that begin with it");
        (Code::CondaExactShort, message)
    } else {
        return None;
    };
    Some(Problem::new(code, range.clone(), message).help(format!("write `{better}`")))
}

/// A version after an operator.
struct Written<'a> {
    /// The bytes from the operator to the wildcard.
    range: Range<usize>,
    /// Without the wildcard.
    version: &'a str,
    /// Whether it ends in `.*` or `*`.
    has_wildcard: bool,
}

fn written_with<'a>(operator: &'static str, text: &'a str) -> Vec<Written<'a>> {
    let written = |(at, operator): (usize, &'a str)| {
        let behind = text[at + operator.len()..].trim_start();
        let end = behind.find(|it| !is_version_character(it)).unwrap_or(behind.len());
        let (has_wildcard, version) = match &behind[..end] {
            pattern if pattern.ends_with('*') => (true, pattern.trim_end_matches(['*', '.'])),
            version => (false, version),
        };
        Written { range: at..text.len() - behind.len() + end, version, has_wildcard }
    };
    text.match_indices(operator).map(written).collect()
}

/// A version with letters, such as `2024a` or `2.0rc1`, is rarely the beginning of others.
fn is_short_release(name: &str, version: &str) -> bool {
    let release = version.split_once('!').map_or(version, |(_epoch, rest)| rest);
    let is_release = release.chars().all(|it| it.is_ascii_digit() || it == '.');
    is_release && release.split('.').count() < full_release(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Range<usize>, String)> {
        let problems = suspicious(&MatchSpec::parse(text).unwrap());
        problems.into_iter().map(|it| (it.code.id().to_owned(), it.range, it.help.unwrap_or_default())).collect()
    }

    #[test]
    fn an_exact_wildcard_is_told() {
        let expected = |range, help: &str| vec![("W0307".to_owned(), range, help.to_owned())];
        assert_eq!(found("numpy==1.*"), expected(5..10, "write `numpy=1`"));
        assert_eq!(found("numpy == 1.2*"), expected(6..13, "write `numpy=1.2`"));
        assert_eq!(found("numpy ==1.*|>=3"), expected(6..11, "write `1.*`"));
        assert_eq!(found("numpy[version='==1.*']"), expected(15..20, "write `numpy=1`"));
    }

    #[test]
    fn a_short_exact_version_is_told() {
        let expected = |range, help: &str| vec![("W0308".to_owned(), range, help.to_owned())];
        assert_eq!(found("python==3.11"), expected(6..12, "write `python=3.11`"));
        assert_eq!(found("conda-forge::python ==3"), expected(20..23, "write `python=3`"));
        assert_eq!(found("python ==3.11|==3.12").len(), 2);
        assert_eq!(found("numpy==1"), expected(5..8, "write `numpy=1`"));
    }

    #[test]
    fn a_short_upper_bound_of_python_is_told() {
        let expected = |range, help: &str| vec![("W0308".to_owned(), range, help.to_owned())];
        assert_eq!(found("python>=3.8, <= 3.10"), expected(13..20, "write `<3.11`"));
        assert_eq!(found("python<=3.9"), expected(6..11, "write `<3.10`"));
        for text in ["python<=3.10.4", "python<3.11", "numpy<=1.26", "python<=3"] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn extras_are_told() {
        let help = "move `dask[complete]>=1` below `- pip:`, or list the packages that the extras stand for";
        assert_eq!(found("dask[complete]>=1"), [("W0309".to_owned(), 4..14, help.to_owned())]);
    }

    #[test]
    fn what_is_meant_is_left_alone() {
        for text in [
            "python=3.11",
            "python 3.11",
            "python==3.11.9",
            "a==3.11=h1",
            "tzdata==2024a",
            "a>=3",
            "a!=1.2",
            "a==*",
            "kalign2==2.04",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
