//! conda's comparison operators.

/// An operator between a package's version and the one in the spec.
///
/// Source: conda's documentation, "Package search and install specifications"; what a wildcard does behind an operator
/// is in conda's tests of `VersionSpec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CondaOperator {
    /// `==1.2`, or `1.2` alone: just this version.
    Equal,
    /// `==1.2.*`: meant as [`Self::StartsWith`], but conda leaves the wildcard out where it compares with `==`.
    EqualWildcard,
    /// `!=1.2`: any other version.
    NotEqual,
    /// `=1.2`, `1.2.*`, `1.2*`: this version and all below it, such as 1.2.3.
    StartsWith,
    /// `!=1.2.*`: none of those.
    NotStartsWith,
    /// `<1.2`.
    Less,
    /// `<=1.2`.
    LessOrEqual,
    /// `>1.2`.
    Greater,
    /// `>=1.2`.
    GreaterOrEqual,
    /// `~=1.2.3`: at least this version, and the same in all but the last part.
    Compatible,
}

impl CondaOperator {
    /// What is written before and behind a version: only one spelling of each operator is ever printed.
    pub fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Equal => ("==", ""),
            Self::EqualWildcard => ("==", ".*"),
            Self::NotEqual => ("!=", ""),
            Self::StartsWith => ("", ".*"),
            Self::NotStartsWith => ("!=", ".*"),
            Self::Less => ("<", ""),
            Self::LessOrEqual => ("<=", ""),
            Self::Greater => (">", ""),
            Self::GreaterOrEqual => (">=", ""),
            Self::Compatible => ("~=", ""),
        }
    }
}
