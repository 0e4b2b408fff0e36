//! The files of one installed package.

use std::collections::{BTreeMap, BTreeSet};

/// The files of a package whose bytes are the same wherever it is installed; none unless they were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstalledFiles {
    /// The SHA-256 of each in hexadecimal digits, by its path: in site-packages for pip's, in the environment for conda's.
    pub digests: BTreeMap<String, String>,
    /// Those of them that are not what they were when they were installed.
    pub edited: BTreeSet<String>,
}
