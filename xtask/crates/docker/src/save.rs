//! An image as a stream.

use camino::Utf8Path;

use process::Invocation;

/// An image to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveRequest<'a> {
    /// Its name and tag.
    pub image: &'a str,
}

impl SaveRequest<'_> {
    /// `docker save`, to stdout.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["save", self.image])
    }

    /// `docker save`, to a file.
    pub fn to_file(&self, file: &Utf8Path) -> Invocation {
        Invocation::new("docker").args(["save", "--output", file.as_str(), self.image])
    }
}
