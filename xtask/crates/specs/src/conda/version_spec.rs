//! A constraint on versions, as a tree.

use std::fmt;

use super::{CondaOperator, CondaVersion};

/// The versions of a package that a spec allows.
///
/// Source: conda's documentation, "Package search and install specifications": `,` means and, and binds tighter than
/// `|`, which means or. An And never holds an And itself, nor an Or an Or.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionSpec {
    /// `*`: every version.
    Any,
    /// One comparison, such as `>=1.2`.
    Clause { operator: CondaOperator, version: CondaVersion },
    /// A pattern whose wildcards are not only at its end, such as `*.7.*`.
    Glob(String),
    /// A regular expression from its `^` to its `$`, unchecked.
    Regex(String),
    /// `,`: all of these hold.
    And(Vec<Self>),
    /// `|`: one of these holds, at least.
    Or(Vec<Self>),
}

impl VersionSpec {
    /// Parses a constraint such as `>=1.26,<2|3.*`. A version alone means just itself, as it does behind a blank.
    #[cfg(test)]
    pub fn parse(text: &str) -> Result<Self, report::Problem> {
        super::version_parser::parse(super::piece::SpecPart::whole(text))
    }

    /// Its comparisons, patterns and expressions, in the order in which they are written.
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::leaves).collect(),
            leaf => vec![leaf],
        }
    }

    /// All of some constraints; those that are an And themselves are taken in.
    pub(super) fn all_of(parts: Vec<Self>) -> Self {
        let each = parts.into_iter().flat_map(|it| if let Self::And(inner) = it { inner } else { vec![it] });
        single(each.collect()).unwrap_or_else(Self::And)
    }

    /// One of some constraints; those that are an Or themselves are taken in.
    pub(super) fn one_of(parts: Vec<Self>) -> Self {
        let each = parts.into_iter().flat_map(|it| if let Self::Or(inner) = it { inner } else { vec![it] });
        single(each.collect()).unwrap_or_else(Self::Or)
    }
}

fn single(mut parts: Vec<VersionSpec>) -> Result<VersionSpec, Vec<VersionSpec>> {
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        last => {
            parts.extend(last);
            Err(parts)
        }
    }
}

impl fmt::Display for VersionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Clause { operator, version } => {
                let (before, behind) = operator.around();
                write!(f, "{before}{version}{behind}")
            }
            Self::Glob(text) | Self::Regex(text) => f.write_str(text),
            Self::And(parts) => joined(f, parts, ","),
            Self::Or(parts) => joined(f, parts, "|"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[VersionSpec], separator: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        match part {
            VersionSpec::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}
