//! Pushing an image.

use crate::process::Invocation;

/// One image for its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRequest<'a> {
    /// Its name, with the registry's host, and tag.
    pub image: &'a str,
}

impl PushRequest<'_> {
    /// `docker push`.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["push", self.image])
    }
}
