//! `docker load`: an image from a file.

use camino::Utf8Path;

use process::Invocation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRequest<'a> {
    pub archive: &'a Utf8Path,
}

impl LoadRequest<'_> {
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["load", "--quiet", "--input", self.archive.as_str()])
    }
}
