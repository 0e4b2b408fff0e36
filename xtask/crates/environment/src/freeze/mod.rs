//! The in-place edits of `environment.yml`: `freeze` writes exact versions into it, `thaw` takes them out again; `add` and
//! `remove` change what is asked for.
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

mod adding;
mod asked;
#[cfg(test)]
mod asked_tests;
mod block;
mod check;
mod edits;
mod entry_kind;
mod freezing;
mod layout;
mod lines;
mod mark;
mod merged;
mod pins;
mod removing;
#[cfg(test)]
mod tests;
mod thawing;

use report::Findings;

use super::EnvironmentFile;

pub use adding::add;
pub use asked::{AskedFile, AskedName, ListReason};
pub(crate) use edits::{Edits, line_start, next_line};
pub use freezing::{InstalledPackages, freeze};
pub(crate) use layout::ListLayout;
pub use pins::{AddedSpec, PackageList, Pin, Pins};
pub use removing::remove;
pub(crate) use thawing::has_line;
pub use thawing::thaw;

/// The result of `freeze` or `thaw`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenFile {
    pub file: EnvironmentFile,
    /// The packages whose lines are not what they were, in the order of the lists.
    pub changes: Vec<FreezeChange>,
    /// Warnings, such as for packages that are listed and not installed.
    pub findings: Findings,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeChange {
    pub list: PackageList,
    /// The number of the line, from 1: in the edited file, but for what was removed, where it is of the file before.
    pub line: usize,
    pub action: FreezeAction,
}

/// The kinds of changes; specs are as the list has them, without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeAction {
    /// Frozen to an exact version.
    Pinned { from: String, to: String },
    /// Thawed: the user's spec is back.
    Restored { from: String, to: String },
    /// A new line for a package that was installed by hand.
    AddedPackage(String),
    /// The line that an earlier freeze added for a package which is no longer installed.
    Removed(String),
}
