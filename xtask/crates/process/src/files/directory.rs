//! Open directories, so that what is done in one is done there, even if its path leads elsewhere meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};

/// A directory that is open.
#[derive(Debug)]
pub(super) struct Directory {
    file: File,
    path: Utf8PathBuf,
}

impl Directory {
    /// Opens a directory by its path, whatever links are in it.
    pub(super) fn open(path: &Utf8Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(path)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Opens a directory in this one. A link is an error, wherever it leads.
    pub(super) fn subdirectory(&self, name: &str) -> io::Result<Self> {
        let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(self.entry(name))?;
        Ok(Self { file, path: self.path.join(name) })
    }

    /// Creates a directory in this one, if there is nothing of its name.
    pub(super) fn create(&self, name: &str) -> io::Result<()> {
        match fs::create_dir(self.entry(name)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// A path to an entry of this very directory, for the functions of `std::fs`.
    ///
    /// On Linux it goes through the descriptor (proc_pid_fd(5)), as the calls do whose names end in `at`. Elsewhere, where
    /// containers run in a machine of their own, it is the path by which the directory was found.
    pub(super) fn entry(&self, name: &str) -> Utf8PathBuf {
        if cfg!(target_os = "linux") {
            format!("/proc/self/fd/{}/{name}", self.file.as_raw_fd()).into()
        } else {
            self.path.join(name)
        }
    }

    /// Whether an entry is a symbolic link.
    pub(super) fn has_link(&self, name: &str) -> bool {
        fs::symlink_metadata(self.entry(name)).is_ok_and(|it| it.is_symlink())
    }

    /// The names of the entries, with whether each is a directory; a link is none.
    pub(super) fn entries(&self) -> io::Result<Vec<(String, bool)>> {
        let mut entries = Vec::new();
        for entry in self.entry(".").read_dir_utf8()? {
            let entry = entry?;
            entries.push((entry.file_name().to_owned(), entry.file_type()?.is_dir()));
        }
        Ok(entries)
    }

    pub(super) fn set_permissions(&self, permissions: fs::Permissions) -> io::Result<()> {
        self.file.set_permissions(permissions)
    }

    /// Waits until the names in it are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}
