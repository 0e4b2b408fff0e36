//! Questions about images.

use serde_json::Value;

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

    /// Prints the platform of the image that the daemon has.
    pub fn platform(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", self.image])
    }

    /// Asks the registry for which platforms it has the image, as JSON that [`platforms`] reads.
    pub fn registry_platforms(&self) -> Invocation {
        Invocation::new("docker").args(["buildx", "imagetools", "inspect", "--format", "{{json .Image}}", self.image])
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

/// The platforms of an answer to [`ImageQuery::registry_platforms`]: the configuration of an image, or several by platform.
/// `None` where it is neither.
pub fn platforms(answer: &str) -> Option<Vec<String>> {
    let Ok(Value::Object(image)) = serde_json::from_str(answer) else { return None };
    match (image.get("os").and_then(Value::as_str), image.get("architecture").and_then(Value::as_str)) {
        (Some(os), Some(architecture)) => Some(vec![format!("{os}/{architecture}")]),
        // Docker leaves the variant `v8` out in some places.
        _ => Some(image.keys().map(|it| it.trim_end_matches("/v8").to_owned()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_tells_one_platform_or_several() {
        let several = r#"{"linux/amd64": {"os": "linux"}, "linux/arm64/v8": {"os": "linux"}}"#;
        assert_eq!(platforms(several).unwrap(), ["linux/amd64", "linux/arm64"]);
        assert_eq!(platforms(r#"{"created": "x", "architecture": "s390x", "os": "linux"}"#).unwrap(), ["linux/s390x"]);
        assert_eq!(platforms("ERROR: not found"), None);
    }
}
