//! `docker save`: images as an archive.

use camino::Utf8Path;

use process::Invocation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveRequest<'a> {
    /// Names, each with a tag. What they have in common is in the archive once.
    pub images: &'a [&'a str],
}

impl SaveRequest<'_> {
    /// Writes the archive to stdout.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").arg("save").args(self.images.iter().copied())
    }

    /// Writes the archive to a file.
    pub fn to_file(&self, file: &Utf8Path) -> Invocation {
        Invocation::new("docker").args(["save", "--output", file.as_str()]).args(self.images.iter().copied())
    }
}
