//! The file system, with the path in every error, and writes that are either done or not begun.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::Ui;

/// Permissions of a file that only its owner may read: it may hold a secret.
pub const PRIVATE: u32 = 0o600;
/// Permissions of a file that everybody may read.
pub const SHARED: u32 = 0o644;
/// Permissions of a program.
pub const EXECUTABLE: u32 = 0o755;

/// A file to be: its contents and permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// The bytes.
    pub contents: Vec<u8>,
    /// Unix permission bits, such as [`SHARED`].
    pub mode: u32,
}

impl NewFile {
    /// Text that everybody may read.
    pub fn text(contents: impl Into<String>) -> Self {
        Self { contents: contents.into().into_bytes(), mode: SHARED }
    }

    /// A script.
    pub fn script(contents: impl Into<String>) -> Self {
        Self { contents: contents.into().into_bytes(), mode: EXECUTABLE }
    }
}

/// Files by their path relative to some directory.
pub type FileTree = BTreeMap<Utf8PathBuf, NewFile>;

/// The bytes of a file.
pub fn read(path: &Utf8Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{path}`"))
}

/// The text of a file that must be UTF-8.
pub fn read_text(path: &Utf8Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))
}

/// The text of a file, or `None` where there is no such file.
pub fn read_text_if_any(path: &Utf8Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
    }
}

/// The files that are in a directory itself.
pub fn files_of(directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let failed = || format!("cannot list `{directory}`");
    let mut files = Vec::new();
    for entry in directory.read_dir_utf8().with_context(failed)? {
        let path = entry.with_context(failed)?.into_path();
        if !path.is_dir() {
            files.push(path);
        }
    }
    Ok(files)
}

/// Writes a file beside its place and renames it, so that a reader sees the old one or the new one, never half of one.
pub fn write(path: &Utf8Path, file: &NewFile) -> Result<()> {
    let beside = beside(path);
    write_in_place(&beside, file)
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| _ = fs::remove_file(&beside))
        .with_context(|| format!("cannot write `{path}`"))
}

/// Like [`write()`], but leaves a file that is there alone, and says whether there was none.
pub fn write_new(path: &Utf8Path, file: &NewFile) -> Result<bool> {
    let beside = beside(path);
    let written = write_in_place(&beside, file).and_then(|()| fs::hard_link(&beside, path));
    let removed = fs::remove_file(&beside);
    match written {
        Ok(()) => removed.map(|()| true).with_context(|| format!("cannot remove `{beside}`")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has hard links.
        Err(_) if !path.exists() => write(path, file).map(|()| true),
        Err(_) => Ok(false),
    }
}

fn beside(path: &Utf8Path) -> Utf8PathBuf {
    path.with_file_name(format!(".{}.{}.new", path.file_name().unwrap_or_default(), std::process::id()))
}

/// Removes what writers of a file have left that were killed. The caller keeps others from writing it meanwhile.
pub fn remove_left_beside(path: &Utf8Path) -> Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let is_left = |it: &str| it.strip_prefix(&format!(".{name}.")).is_some_and(|it| it.strip_suffix(".new").is_some());
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten().filter(|it| is_left(it.file_name())) {
        remove_file(entry.path())?;
    }
    Ok(())
}

/// What tells a directory from another one that has taken its place.
pub fn identity(path: &Utf8Path) -> Result<String> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read `{path}`"))?;
    // The number of a removed directory is soon given to another; not every file system knows when one was made.
    let made = metadata.created().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok()).map(|it| it.as_nanos());
    Ok(format!("{}:{}:{}", metadata.dev(), metadata.ino(), made.unwrap_or_default()))
}

fn write_in_place(path: &Utf8Path, file: &NewFile) -> std::io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(file.mode).open(path)?;
    out.set_permissions(fs::Permissions::from_mode(file.mode))?;
    out.write_all(&file.contents)
}

/// Makes a directory and those above it.
pub fn create_dir(path: &Utf8Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create the directory `{path}`"))
}

/// Makes a directory that only its owner may enter, and those above it as usual.
pub fn create_private_dir(path: &Utf8Path) -> Result<()> {
    create_dir(path)?;
    let private = fs::Permissions::from_mode(0o700);
    fs::set_permissions(path, private).with_context(|| format!("cannot keep others out of `{path}`"))
}

/// Makes a directory that has nothing in it.
pub fn empty_dir(path: &Utf8Path) -> Result<()> {
    remove_dir(path)?;
    create_dir(path)
}

/// Removes a directory with all that is in it, if it is there.
pub fn remove_dir(path: &Utf8Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the directory `{path}`"))
        }
        _ => Ok(()),
    }
}

/// Renames a file or directory within its file system.
pub fn rename(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot move `{from}` to `{to}`"))
}

/// Removes a file, if it is there.
pub fn remove_file(path: &Utf8Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{path}`"))
        }
        _ => Ok(()),
    }
}

/// Makes `directory` hold exactly `tree`. Files that are right already are not touched.
pub fn write_tree(directory: &Utf8Path, tree: &FileTree) -> Result<()> {
    create_dir(directory)?;
    remove_all_but(directory, directory, &tree.keys().collect())?;
    for (relative, file) in tree {
        let path = directory.join(relative);
        if !is_written(&path, file) {
            path.parent().map_or(Ok(()), create_dir)?;
            write(&path, file)?;
        }
    }
    Ok(())
}

fn is_written(path: &Utf8Path, file: &NewFile) -> bool {
    let mode = fs::metadata(path).map(|it| it.permissions().mode() & 0o777);
    mode.is_ok_and(|mode| mode == file.mode) && fs::read(path).is_ok_and(|contents| contents == file.contents)
}

fn remove_all_but(root: &Utf8Path, directory: &Utf8Path, kept: &BTreeSet<&Utf8PathBuf>) -> Result<()> {
    let failed = || format!("cannot list `{directory}`");
    for entry in directory.read_dir_utf8().with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap_or(path);
        if entry.file_type().with_context(failed)?.is_dir() {
            if kept.iter().any(|it| it.starts_with(relative)) {
                remove_all_but(root, path, kept)?;
            } else {
                remove_dir(path)?;
            }
        } else if !kept.contains(&relative.to_owned()) {
            remove_file(path)?;
        }
    }
    Ok(())
}

/// Held while something in the repository is changed; let go when it is dropped or the process dies.
#[must_use]
#[derive(Debug)]
pub struct RepositoryLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl RepositoryLock {
    /// Waits for other invocations of this tool in this repository, and says so if there is one.
    ///
    /// The advisory lock of flock(2): it lies on the open file, so a killed holder leaves none behind.
    pub fn acquire(path: &Utf8Path, ui: Ui) -> Result<Self> {
        path.parent().map_or(Ok(()), create_dir)?;
        let failed = || format!("cannot lock `{path}`");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).with_context(failed)?;
        match file.try_lock() {
            Ok(()) => return Ok(Self(file)),
            Err(TryLockError::WouldBlock) => ui.notice("waiting for another `cargo xtask` in this repository"),
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        file.lock().with_context(failed)?;
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> (tempfile::TempDir, Utf8PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(directory.path().to_owned()).unwrap();
        (directory, path)
    }

    #[test]
    fn a_tree_replaces_what_was_there_and_leaves_right_files_alone() {
        let (_guard, directory) = scratch();
        let old = FileTree::from([
            ("kept.txt".into(), NewFile::text("same")),
            ("gone.txt".into(), NewFile::text("old")),
            ("gone/deep/file".into(), NewFile::text("old")),
        ]);
        write_tree(&directory, &old).unwrap();
        let before = fs::metadata(directory.join("kept.txt")).unwrap().modified().unwrap();

        let new = FileTree::from([
            ("kept.txt".into(), NewFile::text("same")),
            ("made/run.sh".into(), NewFile::script("#!/bin/sh\n")),
        ]);
        write_tree(&directory, &new).unwrap();

        assert!(!directory.join("gone.txt").exists() && !directory.join("gone").exists());
        assert_eq!(fs::metadata(directory.join("kept.txt")).unwrap().modified().unwrap(), before);
        let mode = fs::metadata(directory.join("made/run.sh")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, EXECUTABLE);
    }

    #[test]
    fn a_private_file_is_never_readable_by_others() {
        let (_guard, directory) = scratch();
        let path = directory.join("secret");
        write(&path, &NewFile { contents: b"x".to_vec(), mode: PRIVATE }).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, PRIVATE);
    }

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let (_guard, directory) = scratch();
        create_dir(&directory.join("taken/inside")).unwrap();
        let error = write(&directory.join("taken"), &NewFile::text("x")).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(directory.read_dir_utf8().unwrap().count(), 1);
    }
}
