//! Images on their way to registries and back.

use environment::Platform;
use process::Invocation;

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

/// One image from its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest<'a> {
    /// Its name, with the registry's host, and tag.
    pub image: &'a str,
    /// What it shall run on.
    pub platform: &'a Platform,
}

impl PullRequest<'_> {
    /// `docker pull`, which takes an image of another platform without a word unless it is named.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["pull", "--platform", &self.platform.to_string(), self.image])
    }
}

/// Another name for an image that the daemon has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRequest<'a> {
    /// Its name and tag.
    pub image: &'a str,
    /// The other name and tag, which it takes from whatever image had it.
    pub name: &'a str,
}

impl TagRequest<'_> {
    /// `docker tag`.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["tag", self.image, self.name])
    }
}

/// Images in a registry that become one there, for all of their platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest<'a> {
    /// The images, by name and tag.
    pub parts: &'a [String],
    /// What the one is called, by name and tag.
    pub names: &'a [String],
}

impl JoinRequest<'_> {
    /// `docker buildx imagetools create`, which works without a builder.
    pub fn invocation(&self) -> Invocation {
        let names = self.names.iter().flat_map(|it| ["--tag", it]);
        Invocation::new("docker").args(["buildx", "imagetools", "create"]).args(names).args(self.parts)
    }
}
