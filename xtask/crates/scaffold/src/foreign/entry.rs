//! What a foreign list asks for.

use std::collections::BTreeMap;

use environment::freeze::PackageList;

/// The contents of a foreign file, as far as they are asked for.
#[derive(Debug, Default)]
pub struct ForeignList {
    pub channels: Vec<String>,
    pub entries: Vec<ForeignEntry>,
    pub variables: BTreeMap<String, String>,
    /// A specifier of PEP 440, for the project.
    pub requires_python: Option<String>,
    /// What was left out, each with its place and the reason.
    pub left_out: Vec<String>,
    /// What else the user has to know.
    pub remarks: Vec<String>,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignEntry {
    pub list: PackageList,
    /// In the spelling of that list.
    pub text: String,
    /// `FILE:LINE`.
    pub place: String,
}
