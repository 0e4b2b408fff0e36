//! The in-place edits of `environment.yml`: `freeze` writes exact versions into it, `thaw` takes them out again.
//!
//! What the user wrote stays byte for byte, but for the packages' own text. The spec that a version takes the place of is
//! kept as it was written, quotes included, in a comment at the end of its line:
//!
//! ```yaml
//! - numpy=1.26.4  # for speed  # intent: numpy >=1.26
//! - rich==13.9.4  # added by freeze
//! ```
//!
//! Freezing a line means thawing it first, so that freezing twice changes nothing, and thawing gives back every byte.

mod block;
mod check;
mod edits;
mod entry_kind;
mod freezing;
mod layout;
mod lines;
mod mark;
mod pins;
#[cfg(test)]
mod tests;
mod thawing;

use report::Findings;

use super::EnvironmentFile;

pub use freezing::{InstalledPackages, freeze};
pub(crate) use layout::ListLayout;
pub use pins::{AddedSpec, PackageList, Pin, Pins};
pub use thawing::thaw;

/// The file after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenFile {
    /// The file with its new text.
    pub file: EnvironmentFile,
    /// The packages whose lines are not what they were, in the order of the lists.
    pub changes: Vec<FreezeChange>,
    /// What is doubtful: packages that are asked for and not installed.
    pub findings: Findings,
}

/// What has happened to a package's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeChange {
    /// The list that it is in.
    pub list: PackageList,
    /// The number of the line, from 1: in the edited file, but for what was removed, where it is of the file before.
    pub line: usize,
    /// What.
    pub what: FreezeAction,
}

/// The kinds of changes; specs are as the list has them, without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeAction {
    /// An exact version took the place of another spec.
    Pinned {
        /// The spec before.
        from: String,
        /// The spec now.
        to: String,
    },
    /// What the user had asked for is back.
    Restored {
        /// The spec before.
        from: String,
        /// The spec now.
        to: String,
    },
    /// A package that was installed by hand has a line now.
    AddedPackage(String),
    /// A package that an earlier freeze had added is no longer installed.
    Removed(String),
}
