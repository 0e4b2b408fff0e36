//! `docker save`: an image as an archive.

use camino::Utf8Path;

use process::Invocation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveRequest<'a> {
    /// The image's name and tag.
    pub image: &'a str,
}

impl SaveRequest<'_> {
    /// Writes the archive to stdout.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["save", self.image])
    }

    /// Writes the archive to a file.
    pub fn to_file(&self, file: &Utf8Path) -> Invocation {
        Invocation::new("docker").args(["save", "--output", file.as_str(), self.image])
    }
}
