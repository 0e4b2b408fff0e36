//! The replacement of a file that belongs to the user, which keeps what the user has made of it: links, owner, permissions.

use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};

use super::{NewFile, PRIVATE, place::Place, temporary::Temporary};

/// A change to one file, ready to be made: whatever needs space on the disk has been written, as far as possible.
#[derive(Debug)]
pub(super) enum Replacement<'a> {
    /// The new file lies beside the old one, and has its owner.
    Rename(Temporary<'a>, u32),
    /// The old file has other names, or an owner that only it can keep: its contents are replaced.
    InPlace(&'a Place, &'a [u8]),
    Remove(&'a Place),
}

impl<'a> Replacement<'a> {
    /// Prepares the change to what is at a place; `None` to remove it.
    pub(super) fn prepare(place: &'a Place, file: Option<&'a NewFile>) -> io::Result<Self> {
        let Some(file) = file else { return Ok(Self::Remove(place)) };
        let old = place.metadata()?;
        if old.as_ref().is_some_and(|it| !it.is_file()) {
            return Err(io::Error::other("it is not a file"));
        }
        if old.as_ref().is_some_and(|it| it.nlink() > 1) {
            return Ok(Self::InPlace(place, &file.contents));
        }
        let mut temporary = Temporary::create(place)?;
        if let Some(old) = &old
            && !has_owner_of(&temporary, old)?
        {
            return Ok(Self::InPlace(place, &file.contents));
        }
        temporary.file.write_all(&file.contents)?;
        temporary.file.sync_all()?;
        let mode = old.map_or(file.mode, |it| kept_mode(&it, file));
        Ok(Self::Rename(temporary, mode))
    }

    /// Whether somebody could see the file half written.
    pub(super) fn is_in_place(&self) -> bool {
        matches!(self, Self::InPlace(..))
    }

    /// Makes the change, and waits until it is on the disk.
    pub(super) fn commit(self) -> io::Result<()> {
        match self {
            Self::Rename(temporary, mode) => {
                let place = temporary.place;
                temporary.persist(mode)?;
                place.directory.sync()
            }
            Self::InPlace(place, contents) => {
                let options = OpenOptions::new().write(true).truncate(true).custom_flags(libc::O_NOFOLLOW).clone();
                let mut file = options.open(place.path())?;
                file.write_all(contents)?;
                file.sync_all()
            }
            Self::Remove(place) => match fs::remove_file(place.path()) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => place.directory.sync(),
            },
        }
    }
}

/// Gives a new file the owner and the group of the old one. Returns whether it has them.
fn has_owner_of(temporary: &Temporary, old: &Metadata) -> io::Result<bool> {
    let new = temporary.file.metadata()?;
    let is_same = (new.uid(), new.gid()) == (old.uid(), old.gid());
    Ok(is_same || fchown(&temporary.file, Some(old.uid()), Some(old.gid())).is_ok())
}

/// The permissions that the user has given a file, without those of others where it may hold a secret.
fn kept_mode(old: &Metadata, file: &NewFile) -> u32 {
    let mode = Permissions::mode(&old.permissions()) & 0o7777;
    if file.mode == PRIVATE { mode & 0o700 } else { mode }
}
