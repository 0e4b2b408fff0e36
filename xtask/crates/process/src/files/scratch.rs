//! Files that queries read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek as _};
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::{FileTree, NewFile, disk::Disk};

/// A directory for files that a query reads, such as a list for a solver: written in a dry run, too, because queries are
/// asked there, and free to be removed at any time.
#[derive(Debug, Clone)]
pub struct Scratch {
    directory: Utf8PathBuf,
    disk: Disk,
}

impl Scratch {
    /// `directory` is in the repository and holds nothing that anybody would miss.
    pub fn new(repository: &Utf8Path, directory: impl Into<Utf8PathBuf>) -> Self {
        Self { directory: directory.into(), disk: Disk::new(repository) }
    }

    pub fn path(&self, name: impl AsRef<Utf8Path>) -> Utf8PathBuf {
        self.directory.join(name)
    }

    /// Writes a file, unless it has these contents already, and returns its path.
    pub fn write(&self, name: impl AsRef<Utf8Path>, file: &NewFile) -> Result<Utf8PathBuf> {
        let path = self.inside(name.as_ref())?;
        self.disk.write_if_changed(&path, file)?;
        Ok(path)
    }

    /// Writes a file as if that had been at another time.
    pub fn write_as_of(&self, name: impl AsRef<Utf8Path>, file: &NewFile, time: SystemTime) -> Result<Utf8PathBuf> {
        let path = self.write(name, file)?;
        let written = self.disk.open(&path, &mut OpenOptions::new())?;
        written.set_modified(time).with_context(|| format!("cannot set the time of `{path}`"))?;
        Ok(path)
    }

    /// Makes a directory hold exactly these files, and returns its path.
    pub fn write_tree(&self, name: impl AsRef<Utf8Path>, tree: &FileTree) -> Result<Utf8PathBuf> {
        let path = self.inside(name.as_ref())?;
        self.disk.write_tree(&path, tree)?;
        Ok(path)
    }

    /// Copies a stream into a file without a name, which nobody can leave behind, and gives it to be read from its beginning.
    pub fn copy(&self, stream: &mut dyn Read) -> Result<File> {
        let path = self.inside(Utf8Path::new(&format!("unnamed.{}", std::process::id())))?;
        let mut file = self.disk.open(&path, OpenOptions::new().read(true).create(true).truncate(true))?;
        self.disk.remove_file(&path)?;
        let mut copy = || io::copy(stream, &mut file).and_then(|_| file.rewind());
        copy().with_context(|| format!("cannot write into `{}`", self.directory))?;
        Ok(file)
    }

    /// Removes a file, if it exists.
    pub fn remove(&self, name: impl AsRef<Utf8Path>) -> Result<()> {
        self.disk.remove_file(&self.inside(name.as_ref())?)
    }

    fn inside(&self, name: &Utf8Path) -> Result<Utf8PathBuf> {
        let is_inside = name.components().all(|it| matches!(it, Utf8Component::Normal(_)));
        ensure!(is_inside, "`{name}` is not inside `{}`", self.directory);
        Ok(self.directory.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::test_folder::Folder;

    #[test]
    fn nothing_is_written_outside_of_it() {
        let folder = Folder::new();
        let scratch = Scratch::new(&folder.path(""), folder.path("work"));
        let file = NewFile::text("x");
        assert!(scratch.write("../a", &file).is_err() && scratch.write("/tmp/a", &file).is_err());
        assert_eq!(scratch.write("lists/a.txt", &file).unwrap(), scratch.path("lists/a.txt"));
        assert_eq!(folder.names(), ["work"]);
    }

    #[test]
    fn a_copy_without_a_name_is_read_from_its_beginning_and_leaves_nothing() {
        let folder = Folder::new();
        let scratch = Scratch::new(&folder.path(""), folder.path("work"));
        let mut text = String::new();
        scratch.copy(&mut "layer".as_bytes()).unwrap().read_to_string(&mut text).unwrap();
        let left = folder.path("work").read_dir().unwrap().count();
        assert_eq!((text.as_str(), left), ("layer", 0));
    }
}
