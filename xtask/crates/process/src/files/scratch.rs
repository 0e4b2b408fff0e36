//! Files that queries read.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::{FileTree, NewFile, disk};

/// A directory for files that a query reads, such as a list for a solver: written in a dry run, too, because queries are
/// asked there, and free to be removed at any time.
#[derive(Debug, Clone)]
pub struct Scratch(Utf8PathBuf);

impl Scratch {
    /// `directory` holds nothing that anybody would miss.
    pub fn new(directory: impl Into<Utf8PathBuf>) -> Self {
        Self(directory.into())
    }

    pub fn path(&self, name: impl AsRef<Utf8Path>) -> Utf8PathBuf {
        self.0.join(name)
    }

    /// Writes a file, unless it has these contents already, and returns its path.
    pub fn write(&self, name: impl AsRef<Utf8Path>, file: &NewFile) -> Result<Utf8PathBuf> {
        let path = self.inside(name.as_ref())?;
        if !disk::has_contents(&path, file) {
            path.parent().map_or(Ok(()), disk::create_dir)?;
            disk::write(&path, file)?;
        }
        Ok(path)
    }

    /// Makes a directory hold exactly these files, and returns its path.
    pub fn write_tree(&self, name: impl AsRef<Utf8Path>, tree: &FileTree) -> Result<Utf8PathBuf> {
        let path = self.inside(name.as_ref())?;
        disk::write_tree(&path, tree)?;
        Ok(path)
    }

    /// Copies a stream into a file, and returns its path.
    pub fn copy(&self, name: impl AsRef<Utf8Path>, stream: &mut dyn Read) -> Result<Utf8PathBuf> {
        let path = self.inside(name.as_ref())?;
        path.parent().map_or(Ok(()), disk::create_dir)?;
        let written = File::create(&path).and_then(|mut file| io::copy(stream, &mut file));
        written.with_context(|| format!("cannot write `{path}`"))?;
        Ok(path)
    }

    /// Removes a file, if it exists.
    pub fn remove(&self, name: impl AsRef<Utf8Path>) -> Result<()> {
        disk::remove_file(&self.inside(name.as_ref())?)
    }

    fn inside(&self, name: &Utf8Path) -> Result<Utf8PathBuf> {
        let is_inside = name.components().all(|it| matches!(it, Utf8Component::Normal(_)));
        ensure!(is_inside, "`{name}` is not inside `{}`", self.0);
        Ok(self.0.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_outside_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(Utf8PathBuf::try_from(directory.path().join("work")).unwrap());
        let file = NewFile::text("x");
        assert!(scratch.write("../a", &file).is_err() && scratch.write("/tmp/a", &file).is_err());
        assert_eq!(scratch.write("lists/a.txt", &file).unwrap(), scratch.path("lists/a.txt"));
        assert!(!directory.path().join("a").exists() && directory.path().join("work/lists/a.txt").is_file());
    }
}
