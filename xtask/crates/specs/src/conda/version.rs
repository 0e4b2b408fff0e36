//! A version as conda orders them.

use std::fmt;

use report::Problem;

use super::piece::SpecPart;

/// A version that conda can compare with others, as written.
///
/// Source: conda's documentation of `VersionOrder`: letters and digits in parts between `.`, `_` or `-`, none of them
/// empty; an epoch before `!`, a local version behind `+`; a single `_` at the end, for openssl's `1.1.1_`. A `*`
/// counts as a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaVersion(String);

impl CondaVersion {
    pub(super) fn parse(written: SpecPart<'_>) -> Result<Self, Problem> {
        let wrong = |fault: String| written.wrong(format!("`{}` is not a version: {fault}", written.text));
        match fault(written.text) {
            None => Ok(Self(written.text.to_owned())),
            Some(fault) if written.text.contains("..") => {
                Err(wrong(fault).help(format!("write `{}`", without_empty_parts(written.text))))
            }
            Some(fault) => Err(wrong(fault).help("write a version such as `1.26`, `2.0rc1` or `1!2.3`")),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CondaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a character can be in a version.
pub(super) fn is_version_character(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-' | '+' | '!' | '*')
}

fn fault(version: &str) -> Option<String> {
    if let Some(odd) = version.chars().find(|it| !is_version_character(*it)) {
        return Some(format!("`{odd}` cannot be in one"));
    }
    let (epoch, rest) = version.split_once('!').unwrap_or(("0", version));
    if epoch.is_empty() || !epoch.chars().all(|it| it.is_ascii_digit()) || rest.contains('!') {
        return Some("before its one `!` there must be a number".to_owned());
    }
    let (public, local) = rest.split_once('+').unwrap_or((rest, "0"));
    if local.contains('+') {
        return Some("there must be no more than one `+`".to_owned());
    }
    (has_empty_part(public) || has_empty_part(local)).then(|| "a part of it is empty".to_owned())
}

fn has_empty_part(text: &str) -> bool {
    let text = text.strip_suffix(['_', '-']).unwrap_or(text);
    text.split(['.', '_', '-']).any(str::is_empty)
}

fn without_empty_parts(text: &str) -> String {
    text.split('.').filter(|it| !it.is_empty()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_checked() {
        for good in ["1", "1.2.3", "1!2.3", "2.0.0_1", "1.1.1_", "1.0-5", "2013a", "1.2+abc.1", "latest", "1.0.1*.vc11"]
        {
            assert_eq!(CondaVersion::parse(SpecPart::whole(good)).unwrap().as_str(), good);
        }
        for bad in ["", "1..2", "1.", ".1", "!1", "a!1", "1!2!3", "1+", "+1", "1+2+3", "_", "1.2é", "3.5&1", "1!"] {
            assert!(CondaVersion::parse(SpecPart::whole(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_dot_too_many_is_taken_out() {
        let problem = CondaVersion::parse(SpecPart::whole("1..2")).unwrap_err();
        assert_eq!(problem.message, "`1..2` is not a version: a part of it is empty");
        assert_eq!(problem.help.as_deref(), Some("write `1.2`"));
    }
}
