//! A repository for tests.

use camino::{Utf8Path, Utf8PathBuf};

use super::disk::Disk;

/// An empty repository.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> Utf8PathBuf {
        let root = Utf8Path::from_path(self.0.path()).unwrap();
        if name.is_empty() { root.to_owned() } else { root.join(name) }
    }

    pub(super) fn disk(&self) -> Disk {
        Disk::new(&self.path(""))
    }

    /// Of what is in it, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let entries = self.path("").read_dir_utf8().unwrap();
        let mut names: Vec<String> = entries.map(|it| it.unwrap().file_name().to_owned()).collect();
        names.sort();
        names
    }
}
