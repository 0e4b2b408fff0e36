//! Taking an image from a file.

use camino::Utf8Path;

use process::Invocation;

/// An archive of an image to take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRequest<'a> {
    /// The archive.
    pub archive: &'a Utf8Path,
}

impl LoadRequest<'_> {
    /// `docker load`.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["load", "--quiet", "--input", self.archive.as_str()])
    }
}
