//! Files before they are written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::{Secret, masked};

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

    /// Text that everybody may read, unless a part of it has the form of a secret.
    pub fn list(contents: impl Into<String>) -> Self {
        let text = Self::text(contents);
        let has_secret = str::from_utf8(&text.contents).is_ok_and(|it| matches!(masked(it), Cow::Owned(_)));
        Self { mode: if has_secret { PRIVATE } else { SHARED }, ..text }
    }

    /// A secret, which only its owner may read.
    pub fn secret(secret: &Secret) -> Self {
        Self { contents: secret.reveal().to_owned().into_bytes(), mode: PRIVATE }
    }

    /// A script that everybody may run.
    pub fn script(contents: impl Into<Vec<u8>>) -> Self {
        Self { contents: contents.into(), mode: EXECUTABLE }
    }
}

/// Files by their path relative to some directory.
pub type FileTree = BTreeMap<Utf8PathBuf, NewFile>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_secret_is_private() {
        assert_eq!(NewFile::list("- https://e.org/t/tk-1/lab\n").mode, PRIVATE);
        assert_eq!(NewFile::secret(&Secret::new("x")).mode, PRIVATE);
        assert_eq!(NewFile::list("- https://e.org/lab\ntqdm\n").mode, SHARED);
    }
}
