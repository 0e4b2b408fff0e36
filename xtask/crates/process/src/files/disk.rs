//! Changes to the file system. [`Files`](super::Files) decides whether they happen.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{FileTree, NewFile};

/// Writes a file beside its place and renames it, so that a reader sees the old one or the new one, never half of one.
pub(super) fn write(path: &Utf8Path, file: &NewFile) -> Result<()> {
    let temporary = temporary_path(path);
    write_in_place(&temporary, file)
        .and_then(|()| fs::rename(&temporary, path))
        .inspect_err(|_| _ = fs::remove_file(&temporary))
        .with_context(|| format!("cannot write `{path}`"))
}

/// Like [`write()`], but leaves a file that exists alone. Returns whether there was none.
pub(super) fn write_new(path: &Utf8Path, file: &NewFile) -> Result<bool> {
    let temporary = temporary_path(path);
    let written = write_in_place(&temporary, file).and_then(|()| fs::hard_link(&temporary, path));
    let removed = fs::remove_file(&temporary);
    match written {
        Ok(()) => removed.map(|()| true).with_context(|| format!("cannot remove `{temporary}`")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has hard links.
        Err(_) if !path.exists() => write(path, file).map(|()| true),
        Err(_) => Ok(false),
    }
}

/// Beside the file, and hence in its file system.
fn temporary_path(path: &Utf8Path) -> Utf8PathBuf {
    path.with_file_name(format!(".{}.{}.new", path.file_name().unwrap_or_default(), std::process::id()))
}

/// Removes the temporary files of writers that were killed. The caller keeps others from writing the file meanwhile.
pub(super) fn remove_temporaries(path: &Utf8Path) -> Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let is_temporary =
        |it: &str| it.strip_prefix(&format!(".{name}.")).is_some_and(|it| it.strip_suffix(".new").is_some());
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten().filter(|it| is_temporary(it.file_name())) {
        remove_file(entry.path())?;
    }
    Ok(())
}

fn write_in_place(path: &Utf8Path, file: &NewFile) -> std::io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(file.mode).open(path)?;
    out.set_permissions(fs::Permissions::from_mode(file.mode))?;
    out.write_all(&file.contents)
}

/// Creates a directory and those above it.
pub(super) fn create_dir(path: &Utf8Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create the directory `{path}`"))
}

/// Creates a directory that only its owner may enter, and those above it as usual.
pub(super) fn create_private_dir(path: &Utf8Path) -> Result<()> {
    create_dir(path)?;
    let private = fs::Permissions::from_mode(0o700);
    fs::set_permissions(path, private).with_context(|| format!("cannot keep others out of `{path}`"))
}

pub(super) fn empty_dir(path: &Utf8Path) -> Result<()> {
    remove_dir(path)?;
    create_dir(path)
}

/// Removes a directory with its contents, if it exists.
pub(super) fn remove_dir(path: &Utf8Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the directory `{path}`"))
        }
        _ => Ok(()),
    }
}

pub(super) fn rename(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot move `{from}` to `{to}`"))
}

/// Removes a file, if it exists.
pub(super) fn remove_file(path: &Utf8Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{path}`"))
        }
        _ => Ok(()),
    }
}

/// Makes `directory` hold exactly `tree`. A file with the right contents and mode is not touched.
pub(super) fn write_tree(directory: &Utf8Path, tree: &FileTree) -> Result<()> {
    create_dir(directory)?;
    remove_all_but(directory, directory, &tree.keys().collect())?;
    for (relative, file) in tree {
        let path = directory.join(relative);
        if !has_contents(&path, file) {
            path.parent().map_or(Ok(()), create_dir)?;
            write(&path, file)?;
        }
    }
    Ok(())
}

/// Whether a file has these contents and this mode already.
pub(super) fn has_contents(path: &Utf8Path, file: &NewFile) -> bool {
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
    use crate::files::{PRIVATE, new_file::EXECUTABLE};

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
