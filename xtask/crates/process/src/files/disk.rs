//! Writes that are either done or not begun. [`Files`](super::Files) decides whether they happen.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{FileTree, NewFile};

/// Writes a file beside its place and renames it, so that a reader sees the old one or the new one, never half of one.
pub(super) fn write(path: &Utf8Path, file: &NewFile) -> Result<()> {
    let beside = beside(path);
    write_in_place(&beside, file)
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| _ = fs::remove_file(&beside))
        .with_context(|| format!("cannot write `{path}`"))
}

/// Like [`write()`], but leaves a file that is there alone, and says whether there was none.
pub(super) fn write_new(path: &Utf8Path, file: &NewFile) -> Result<bool> {
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
pub(super) fn remove_left_beside(path: &Utf8Path) -> Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let is_left = |it: &str| it.strip_prefix(&format!(".{name}.")).is_some_and(|it| it.strip_suffix(".new").is_some());
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten().filter(|it| is_left(it.file_name())) {
        remove_file(entry.path())?;
    }
    Ok(())
}

fn write_in_place(path: &Utf8Path, file: &NewFile) -> std::io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(file.mode).open(path)?;
    out.set_permissions(fs::Permissions::from_mode(file.mode))?;
    out.write_all(&file.contents)
}

/// Makes a directory and those above it.
pub(super) fn create_dir(path: &Utf8Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create the directory `{path}`"))
}

/// Makes a directory that only its owner may enter, and those above it as usual.
pub(super) fn create_private_dir(path: &Utf8Path) -> Result<()> {
    create_dir(path)?;
    let private = fs::Permissions::from_mode(0o700);
    fs::set_permissions(path, private).with_context(|| format!("cannot keep others out of `{path}`"))
}

/// Makes a directory that has nothing in it.
pub(super) fn empty_dir(path: &Utf8Path) -> Result<()> {
    remove_dir(path)?;
    create_dir(path)
}

/// Removes a directory with all that is in it, if it is there.
pub(super) fn remove_dir(path: &Utf8Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the directory `{path}`"))
        }
        _ => Ok(()),
    }
}

/// Renames a file or directory within its file system.
pub(super) fn rename(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot move `{from}` to `{to}`"))
}

/// Removes a file, if it is there.
pub(super) fn remove_file(path: &Utf8Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{path}`"))
        }
        _ => Ok(()),
    }
}

/// Makes `directory` hold exactly `tree`. Files that are right already are not touched.
pub(super) fn write_tree(directory: &Utf8Path, tree: &FileTree) -> Result<()> {
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

pub(super) fn is_written(path: &Utf8Path, file: &NewFile) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{EXECUTABLE, PRIVATE};

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
