//! What nobody needs any more, found and removed.

mod in_docker;
mod in_repository;

use anyhow::Result;
use camino::Utf8PathBuf;

use images::size::Bytes;
use process::Invocation;
use project::Context;

pub use in_docker::find_in_docker;
pub use in_repository::find_in_repository;

/// A thing to be removed.
#[derive(Debug)]
pub struct Prunable {
    /// What it is, in words.
    pub shown: String,
    pub why: String,
    /// What is free once it is gone.
    pub size: Bytes,
    removal: Removal,
}

#[derive(Debug)]
enum Removal {
    /// Docker removes it.
    Docker(Invocation),
    /// A file, or a directory with its contents.
    Path(Utf8PathBuf),
    /// The native environment knows what is left of it.
    Prefix,
}

impl Prunable {
    pub fn remove(&self, cx: &Context) -> Result<()> {
        match &self.removal {
            Removal::Docker(invocation) => in_docker::remove(cx, invocation),
            Removal::Path(path) if path.is_dir() && !path.is_symlink() => cx.files.remove_dir(path),
            Removal::Path(path) => cx.files.remove_file(path),
            Removal::Prefix => prefixes::recover(cx),
        }
    }
}
