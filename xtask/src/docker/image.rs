//! Questions about images.

use crate::process::Invocation;

/// Whether the daemon has an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageQuery<'a> {
    /// Its name and tag.
    pub image: &'a str,
}

impl ImageQuery<'_> {
    /// Succeeds, printing the image's id, if there is such an image and a daemon to ask.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{.Id}}", self.image])
    }

    /// Prints the image's id, and its name with the registry's digest where it is from one.
    pub fn identity(&self) -> Invocation {
        let format = "{{.Id}} {{if .RepoDigests}}{{index .RepoDigests 0}}{{end}}";
        Invocation::new("docker").args(["image", "inspect", "--format", format, self.image])
    }

    /// Prints all its names and tags, as a JSON list.
    pub fn names(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{json .RepoTags}}", self.image])
    }

    /// Removes the image, and leaves what others are made of.
    pub fn removal(&self) -> Invocation {
        Invocation::new("docker").args(["image", "rm", "--force", self.image])
    }
}

/// Asks for the names, id, time and labels of images, as a JSON list a line for each that is there.
pub fn images_query<'a>(images: impl IntoIterator<Item = &'a str>) -> Invocation {
    let format = "[{{json .RepoTags}},{{json .Id}},{{json .Created}},{{json .Config.Labels}}]";
    Invocation::new("docker").args(["image", "inspect", "--format", format]).args(images)
}
