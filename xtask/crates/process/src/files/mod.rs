//! The door to the file system. All writes go through [`Files`], which obeys `--dry-run`, or into [`Scratch`].

#![expect(clippy::disallowed_methods, reason = "the one place that writes files")]

mod directory;
mod disk;
mod handed;
mod inside;
mod journal;
mod journal_entry;
mod link_tree;
mod lock;
mod new_file;
mod place;
mod read;
mod replacement;
mod scratch;
mod temporary;
#[cfg(test)]
mod test_folder;
mod usage;

use std::fs::{File, OpenOptions};
use std::io::Write;

use anyhow::{Context as _, Result};
use camino::Utf8Path;

use crate::{Echo, Ui};
use disk::Disk;

pub use handed::{open_handed, read_handed};
pub use inside::{FileInside, read_inside};
pub use journal::{FileChanges, Journal, Recovery, Unwritten};
pub use lock::{RepositoryLock, is_locked};
pub use new_file::{FileTree, NewFile, PRIVATE, SHARED};
pub use read::{files_in, identity, read_from, read_text, read_text_if_any};
pub use scratch::Scratch;
pub use usage::freed_by_removing;

/// Writes files. In a dry run each of these does nothing and succeeds, so that no caller has to think of it.
///
/// In the repository, a link that leads out of it is an error, because code in a container can plant one.
#[derive(Debug, Clone)]
pub struct Files {
    is_dry_run: bool,
    disk: Disk,
}

impl Files {
    pub fn new(echo: Echo, repository: &Utf8Path) -> Self {
        Self { is_dry_run: echo == Echo::DryRun, disk: Disk::new(repository) }
    }

    /// Writes a file beside its place and renames it, so that a reader sees the old one or the new one, never half of one. For
    /// files that this tool generates: those of the user are written [together](Self::write_together).
    pub fn write(&self, path: &Utf8Path, file: &NewFile) -> Result<()> {
        self.unless_dry(|| self.disk.write(path, file))
    }

    /// As [`write`](Self::write), for a file that is too large to hold: `write` is given what it writes to.
    pub fn write_with(&self, path: &Utf8Path, write: &dyn Fn(&mut dyn Write) -> Result<()>) -> Result<()> {
        self.unless_dry(|| self.disk.write_with(path, write))
    }

    /// Like [`write`](Self::write), but leaves a file that exists alone. Returns whether there was none.
    pub fn write_new(&self, path: &Utf8Path, file: &NewFile) -> Result<bool> {
        if self.is_dry_run { Ok(!path.exists()) } else { self.disk.write_new(path, file) }
    }

    /// Makes `directory` hold exactly `tree`. Files that are right already are not touched.
    pub fn write_tree(&self, directory: &Utf8Path, tree: &FileTree) -> Result<()> {
        self.unless_dry(|| self.disk.write_tree(directory, tree))
    }

    /// Writes files of the user, one or several as one: when the writer is killed, the next process finishes its work from the
    /// journal; when it fails, they are as before. A link in the repository, other names of a file, its owner and permissions
    /// are kept; what may hold a secret is never opened to others. The caller holds the repository's lock.
    pub fn write_together(&self, journal: &Journal, changes: &FileChanges) -> Result<()> {
        self.unless_dry(|| journal.write(&self.disk, changes))
    }

    /// Finishes the work of a killed [`write_together`](Self::write_together), if there is its journal. The caller holds the
    /// repository's lock.
    pub fn finish_journal(&self, journal: &Journal) -> Result<Recovery> {
        if self.is_dry_run { Ok(Recovery::default()) } else { journal.finish(&self.disk) }
    }

    /// What a killed [`write_together`](Self::write_together) has not written, for who cannot
    /// [finish](Self::finish_journal) its work.
    pub fn unwritten(&self, journal: &Journal) -> Result<Unwritten> {
        journal.unwritten(&self.disk)
    }

    /// Removes the temporary files that killed writers have left in a directory, if it exists.
    pub fn sweep(&self, directory: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.sweep(directory))
    }

    /// Creates a directory and those above it.
    pub fn create_dir(&self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.create_dir(path))
    }

    /// Creates a directory that only its owner may enter, and those above it as usual.
    pub fn create_private_dir(&self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.create_private_dir(path))
    }

    /// Creates an empty directory, in place of one that exists.
    pub fn empty_dir(&self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.empty_dir(path))
    }

    /// Removes a directory with its contents, if it exists; of a link only itself.
    pub fn remove_dir(&self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.remove_dir(path))
    }

    /// Removes a file, if it exists; of a link only itself.
    pub fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.remove_file(path))
    }

    /// Renames a file or directory. Both paths are in one file system.
    pub fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.rename(from, to))
    }

    /// Puts all that is in a directory into another one as well, but for what has the name `left_out` at the top. The files are
    /// the same ones under a second name where the file system can do that: whoever changes one has to replace it.
    pub fn link_tree(&self, from: &Utf8Path, to: &Utf8Path, left_out: &str) -> Result<()> {
        self.unless_dry(|| self.disk.link_tree(from, to, left_out))
    }

    /// Copies a file with its permissions.
    pub fn copy(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        self.unless_dry(|| self.disk.copy(from, to))
    }

    /// Changes the owner of a file or directory, as far as the caller may; of a link only its own.
    pub fn change_owner(&self, path: &Utf8Path, uid: u32, gid: u32) {
        _ = self.unless_dry(|| self.disk.change_owner(path, uid, gid));
    }

    /// Keeps other invocations of this tool out of the repository until the lock is dropped.
    pub fn lock(&self, path: &Utf8Path, ui: Ui) -> Result<RepositoryLock> {
        if self.is_dry_run {
            return Ok(RepositoryLock::none());
        }
        let open = || self.disk.open(path, OpenOptions::new().create(true).truncate(false));
        RepositoryLock::acquire(open, path, ui)
    }

    /// Creates a file that nobody else has, open and locked as flock(2) locks. `None` in a dry run.
    pub fn create_locked(&self, path: &Utf8Path) -> Result<Option<File>> {
        if self.is_dry_run {
            return Ok(None);
        }
        let file = self.disk.open(path, OpenOptions::new().create_new(true))?;
        file.lock().with_context(|| format!("cannot lock `{path}`"))?;
        Ok(Some(file))
    }

    fn unless_dry(&self, write: impl FnOnce() -> Result<()>) -> Result<()> {
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
        let (files, file) = (Files::new(Echo::DryRun, &root), NewFile::text("new"));

        files.write(&path("kept"), &file).unwrap();
        assert!(files.write_new(&path("new"), &file).unwrap() && !files.write_new(&path("kept"), &file).unwrap());
        files.write_tree(&path("folder"), &FileTree::from([("a".into(), file.clone())])).unwrap();
        let changes = FileChanges::from([(path("kept"), None), (path("new"), Some(file.clone()))]);
        let journal = Journal { path: path("journal"), may_change: |_| true };
        files.write_together(&journal, &changes).unwrap();
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
