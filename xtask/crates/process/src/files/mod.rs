//! The door to the file system. All writes go through [`Files`], which obeys `--dry-run`, or into [`Scratch`].

#![expect(clippy::disallowed_methods, reason = "the one place that writes files")]

mod disk;
mod journal;
mod lock;
mod new_file;
mod read;
mod scratch;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::chown;

use anyhow::{Context as _, Result};
use camino::Utf8Path;

use crate::{Echo, Ui};

pub use journal::{FileChanges, is_pending};
pub use lock::RepositoryLock;
pub use new_file::{FileTree, NewFile, PRIVATE, SHARED};
pub use read::{files_in, identity, read, read_text, read_text_if_any};
pub use scratch::Scratch;

/// Writes files. In a dry run each of these does nothing and succeeds, so that no caller has to think of it.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    is_dry_run: bool,
}

impl Files {
    pub fn new(echo: Echo) -> Self {
        Self { is_dry_run: echo == Echo::DryRun }
    }

    /// Writes a file beside its place and renames it, so that a reader sees the old one or the new one, never half of one.
    pub fn write(self, path: &Utf8Path, file: &NewFile) -> Result<()> {
        self.unless_dry(|| disk::write(path, file))
    }

    /// Like [`write`](Self::write), but leaves a file that exists alone. Returns whether there was none.
    pub fn write_new(self, path: &Utf8Path, file: &NewFile) -> Result<bool> {
        if self.is_dry_run { Ok(!path.exists()) } else { disk::write_new(path, file) }
    }

    /// Makes `directory` hold exactly `tree`. Files that are right already are not touched.
    pub fn write_tree(self, directory: &Utf8Path, tree: &FileTree) -> Result<()> {
        self.unless_dry(|| disk::write_tree(directory, tree))
    }

    /// Writes several files as one: when the writer is killed, the next process finishes its work from the journal.
    /// The caller holds the repository's lock.
    pub fn write_together(self, journal: &Utf8Path, changes: &FileChanges) -> Result<()> {
        self.unless_dry(|| journal::write(journal, changes))
    }

    /// Finishes the work of a killed [`write_together`](Self::write_together), if there is its journal.
    pub fn finish_journal(self, journal: &Utf8Path) -> Result<()> {
        self.unless_dry(|| journal::finish(journal))
    }

    /// Creates a directory and those above it.
    pub fn create_dir(self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| disk::create_dir(path))
    }

    /// Creates a directory that only its owner may enter, and those above it as usual.
    pub fn create_private_dir(self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| disk::create_private_dir(path))
    }

    /// Creates an empty directory, in place of one that exists.
    pub fn empty_dir(self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| disk::empty_dir(path))
    }

    /// Removes a directory with its contents, if it exists.
    pub fn remove_dir(self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| disk::remove_dir(path))
    }

    /// Removes a file, if it exists.
    pub fn remove_file(self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| disk::remove_file(path))
    }

    /// Renames a file or directory. Both paths are in one file system.
    pub fn rename(self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        self.unless_dry(|| disk::rename(from, to))
    }

    /// Copies a file with its permissions.
    pub fn copy(self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        self.unless_dry(|| std::fs::copy(from, to).map(drop).with_context(|| format!("cannot copy `{from}` to `{to}`")))
    }

    /// Changes the owner of a file or directory, as far as the caller may.
    pub fn change_owner(self, path: &Utf8Path, uid: u32, gid: u32) {
        _ = self.unless_dry(|| Ok(chown(path, Some(uid), Some(gid))?));
    }

    /// Keeps other invocations of this tool out of the repository until the lock is dropped.
    pub fn lock(self, path: &Utf8Path, ui: Ui) -> Result<RepositoryLock> {
        if self.is_dry_run { Ok(RepositoryLock::none()) } else { RepositoryLock::acquire(path, ui) }
    }

    /// Creates a file that nobody else has, open and locked as flock(2) locks. `None` in a dry run.
    pub fn create_locked(self, path: &Utf8Path) -> Result<Option<File>> {
        if self.is_dry_run {
            return Ok(None);
        }
        path.parent().map_or(Ok(()), disk::create_dir)?;
        let create = || -> io::Result<File> {
            let file = OpenOptions::new().write(true).create_new(true).open(path)?;
            file.lock()?;
            Ok(file)
        };
        create().map(Some).with_context(|| format!("cannot create the file `{path}`"))
    }

    fn unless_dry(self, write: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.is_dry_run { Ok(()) } else { write() }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8PathBuf;

    use super::*;

    #[test]
    fn nothing_passes_the_door_in_a_dry_run() {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        let path = |name: &str| root.join(name);
        fs::write(path("kept"), "old").unwrap();
        fs::create_dir(path("folder")).unwrap();
        let (files, file) = (Files::new(Echo::DryRun), NewFile::text("new"));

        files.write(&path("kept"), &file).unwrap();
        assert!(files.write_new(&path("new"), &file).unwrap() && !files.write_new(&path("kept"), &file).unwrap());
        files.write_tree(&path("folder"), &FileTree::from([("a".into(), file.clone())])).unwrap();
        let changes = FileChanges::from([(path("kept"), None), (path("new"), Some("new".to_owned()))]);
        files.write_together(&path("journal"), &changes).unwrap();
        files.create_dir(&path("a/b")).unwrap();
        files.create_private_dir(&path("private")).unwrap();
        files.empty_dir(&path("folder")).unwrap();
        files.remove_file(&path("kept")).unwrap();
        files.rename(&path("kept"), &path("moved")).unwrap();
        files.remove_dir(&path("folder")).unwrap();
        assert!(files.create_locked(&path("lease")).unwrap().is_none());
        drop(files.lock(&path("lock"), Ui::new(true, true)).unwrap());

        let mut left: Vec<String> =
            root.read_dir_utf8().unwrap().map(|it| it.unwrap().file_name().to_owned()).collect();
        left.sort();
        assert_eq!(
            (left, fs::read_to_string(path("kept")).unwrap()),
            (vec!["folder".into(), "kept".into()], "old".into())
        );
    }
}
