//! Requests that move images to and from registries, and name them.

use environment::Platform;
use process::Invocation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRequest<'a> {
    /// The name with the registry's host, and the tag.
    pub image: &'a str,
}

impl PushRequest<'_> {
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["push", self.image])
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest<'a> {
    /// The name with the registry's host, and the tag.
    pub image: &'a str,
    pub platform: &'a Platform,
}

impl PullRequest<'_> {
    /// Names the platform, because `docker pull` without it takes an image of another one without a word.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["pull", "--platform", &self.platform.to_string(), self.image])
    }
}

/// Another name for an image that the daemon has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRequest<'a> {
    /// The image's name and tag.
    pub image: &'a str,
    /// The other name and tag. An image that has them loses them.
    pub name: &'a str,
}

impl TagRequest<'_> {
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["tag", self.image, self.name])
    }
}

/// Images in a registry that are joined there to one for all of their platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest<'a> {
    /// The names and tags of the images.
    pub parts: &'a [String],
    /// The names and tags of the joined image.
    pub names: &'a [String],
}

impl JoinRequest<'_> {
    pub fn invocation(&self) -> Invocation {
        let names = self.names.iter().flat_map(|it| ["--tag", it]);
        Invocation::new("docker").args(["buildx", "imagetools", "create"]).args(names).args(self.parts)
    }
}
