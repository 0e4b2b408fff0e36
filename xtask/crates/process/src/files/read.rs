//! Reading, with the path in every error. A dry run reads like any other.

use std::fs;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::inside;

/// The text of a file that must be UTF-8.
pub fn read_text(path: &Utf8Path) -> Result<String> {
    read_to_string(path).with_context(|| format!("cannot read `{path}`"))
}

/// The text of a file; `None` where the file does not exist.
pub fn read_text_if_any(path: &Utf8Path) -> Result<Option<String>> {
    match read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
    }
}

/// The bytes of a file from a place on.
pub fn read_from(path: &Utf8Path, start: u64) -> Result<Vec<u8>> {
    let read = || {
        let mut file = inside::open(path, 0)?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    read().with_context(|| format!("cannot read `{path}`"))
}

fn read_to_string(path: &Utf8Path) -> io::Result<String> {
    inside::open(path, 0).and_then(io::read_to_string)
}

/// The files in a directory, without those of its subdirectories.
pub fn files_in(directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
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

/// Distinguishes a directory from another one that has taken its place: `INODE:NANOSECONDS-OF-CREATION`. Without the number of
/// the device, which may be another one once the machine has started again.
pub fn identity(path: &Utf8Path) -> Result<String> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read `{path}`"))?;
    // The number of a removed directory is soon given to another; not every file system knows when one was created.
    let created = metadata.created().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok()).map(|it| it.as_nanos());
    Ok(format!("{}:{}", metadata.ino(), created.unwrap_or_default()))
}
