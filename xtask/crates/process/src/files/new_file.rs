//! Files before they are written.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

/// Permissions of a file that may hold a secret: only its owner may read it.
pub const PRIVATE: u32 = 0o600;
/// Permissions of a file that everybody may read.
pub const SHARED: u32 = 0o644;
pub(super) const EXECUTABLE: u32 = 0o755;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    pub contents: Vec<u8>,
    /// Unix permission bits, such as [`SHARED`].
    pub mode: u32,
}

impl NewFile {
    /// Text that everybody may read.
    pub fn text(contents: impl Into<String>) -> Self {
        Self { contents: contents.into().into_bytes(), mode: SHARED }
    }

    /// A script that everybody may run.
    pub fn script(contents: impl Into<Vec<u8>>) -> Self {
        Self { contents: contents.into(), mode: EXECUTABLE }
    }
}

/// Files by their path relative to some directory.
pub type FileTree = BTreeMap<Utf8PathBuf, NewFile>;
