//! Replacing a prefix so that neither a failed nor a killed build loses the old one, and nobody else's directory is touched.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use process::{
    Files,
    files::{self, NewFile},
};

use super::steps::PrefixState;

/// A prefix that is being rebuilt. A finished prefix cannot be moved, so the new one is built in its place; the old one is
/// moved away, and back when the build fails.
pub struct Replacement<'a> {
    files: &'a Files,
    prefix: &'a Utf8Path,
    old_prefix: Utf8PathBuf,
    /// A file that exists while the prefix is incomplete, with the identity of its directory: what a killed build has left is
    /// known by it.
    marker: Utf8PathBuf,
}

impl<'a> Replacement<'a> {
    /// Makes room for a new prefix. A directory that this tool has not made is an error.
    pub fn start(files: &'a Files, prefix: &'a Utf8Path, work: &Utf8Path) -> Result<Self> {
        let replacement =
            Self { files, prefix, old_prefix: work.join("prefix-aside"), marker: work.join("prefix-begun") };
        if prefix.join(PrefixState::FILE).exists() {
            files.remove_dir(&replacement.old_prefix)?;
            files.rename(prefix, &replacement.old_prefix)?;
        } else if prefix.exists() {
            let unfinished = files::read_text_if_any(&replacement.marker)?;
            if unfinished.is_none_or(|identity| files::identity(prefix).is_ok_and(|it| it != identity)) {
                bail!("`{prefix}` was not made by `cargo xtask`; move it away or remove it, and try again");
            }
            files.remove_dir(prefix)?;
        }
        files.remove_file(&replacement.marker)?;
        Ok(replacement)
    }

    /// Notes which directory is incomplete, as soon as there is one.
    pub fn mark_incomplete(&self) -> Result<()> {
        if !self.prefix.exists() {
            return Ok(());
        }
        self.files.write(&self.marker, &NewFile::text(files::identity(self.prefix)?))
    }

    /// Puts the old prefix back, if there was one, because of this error.
    pub fn undo(&self, error: anyhow::Error) -> anyhow::Error {
        let restored = self.files.remove_dir(self.prefix).and_then(|()| {
            if self.old_prefix.exists() { self.files.rename(&self.old_prefix, self.prefix) } else { Ok(()) }
        });
        match restored.and_then(|()| self.files.remove_file(&self.marker)) {
            Ok(()) => error,
            Err(also) => error.context(format!("and the old environment was not put back ({also:#})")),
        }
    }

    pub fn finish(self) -> Result<()> {
        self.files.remove_file(&self.marker)?;
        self.files.remove_dir(&self.old_prefix)
    }
}
