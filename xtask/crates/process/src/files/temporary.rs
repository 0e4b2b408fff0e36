//! New files, until they are in their places.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{PRIVATE, directory::Directory, place::Place};

/// Git ignores what is called so.
const PREFIX: &str = ".xtask-";
const SUFFIX: &str = ".new";

/// A file that will take a place, beside it and hence in its file system. Nobody else can read it. It is removed when it is
/// dropped, and by the next [`sweep`] if its writer is killed: it is locked (flock(2)) as long as its writer lives.
#[derive(Debug)]
pub(super) struct Temporary<'a> {
    pub(super) place: &'a Place,
    name: String,
    pub(super) file: File,
}

impl<'a> Temporary<'a> {
    pub(super) fn create(place: &'a Place) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        loop {
            let name = format!("{PREFIX}{}-{}{SUFFIX}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            let path = place.directory.entry(&name);
            let file = match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
                // What a killed process has left that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                opened => opened?,
            };
            // Not every file system has locks.
            _ = file.try_lock();
            let temporary = Self { place, name, file };
            if temporary.file.metadata()?.nlink() > 0 {
                return Ok(temporary);
            }
            // Somebody has swept it before it was locked.
        }
    }

    /// Puts it in its place, where a file may be, with these permissions.
    pub(super) fn persist(self, mode: u32) -> io::Result<()> {
        self.file.set_permissions(Permissions::from_mode(mode))?;
        fs::rename(self.place.directory.entry(&self.name), self.place.path())
    }

    /// Puts it in its place, if nothing is there, with these permissions. The error is [`io::ErrorKind::AlreadyExists`] where
    /// something is.
    pub(super) fn persist_new(self, mode: u32) -> io::Result<()> {
        self.file.set_permissions(Permissions::from_mode(mode))?;
        let (from, to) = (self.place.directory.entry(&self.name), self.place.path());
        match fs::hard_link(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // Not every file system has hard links.
            Err(_) if self.place.metadata()?.is_none() => fs::rename(from, to),
            Err(error) => Err(error),
            Ok(()) => Ok(()),
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // It is there no more once it has been renamed.
        _ = fs::remove_file(self.place.directory.entry(&self.name));
    }
}

fn is_name_of_temporary(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|it| it.strip_suffix(SUFFIX).is_some())
}

/// Removes what killed writers have left in a directory.
pub(super) fn sweep(directory: &Directory) -> io::Result<()> {
    for (name, _) in directory.entries()?.into_iter().filter(|(name, _)| is_name_of_temporary(name)) {
        let path = directory.entry(&name);
        let Ok(file) = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(&path)
        else {
            continue;
        };
        if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
