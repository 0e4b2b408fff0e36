//! Questions about images.

use serde_json::Value;

use environment::Platform;
use process::Invocation;

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

    /// Prints the bytes that it takes.
    pub fn size(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{.Size}}", self.image])
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

/// What a registry has of an image.
///
/// Source: the OCI's image specification, `manifest.md` and `image-index.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestQuery<'a> {
    /// Its name, with the registry's host, and its tag or digest.
    pub image: &'a str,
}

impl ManifestQuery<'_> {
    /// Prints the manifest, or the index of several.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["buildx", "imagetools", "inspect", "--raw", self.image])
    }

    /// The image's name by a digest instead of its tag.
    pub fn by(&self, digest: &str) -> String {
        let name = self.image.rsplit_once(':').filter(|it| !it.1.contains('/')).map_or(self.image, |it| it.0);
        format!("{name}@{digest}")
    }

    /// The digest of a platform's manifest, where the answer is an index.
    pub fn platform(answer: &str, platform: &Platform) -> Option<String> {
        let index: Value = serde_json::from_str(answer).ok()?;
        let is_it = |it: &&Value| {
            let word = |key: &str| it["platform"][key].as_str().unwrap_or_default();
            format!("{}/{}", word("os"), word("architecture")) == platform.to_string()
        };
        Some(index["manifests"].as_array()?.iter().find(is_it)?["digest"].as_str()?.to_owned())
    }

    /// The bytes of the layers and the configuration, compressed as they are in the registry.
    pub fn size(answer: &str) -> Option<u64> {
        let manifest: Value = serde_json::from_str(answer).ok()?;
        let parts = manifest["layers"].as_array()?.iter().chain([&manifest["config"]]);
        Some(parts.filter_map(|it| it["size"].as_u64()).sum())
    }
}

/// Asks for the names, id, time and labels of images, as a JSON list a line for each that is there.
pub fn images_query<'a>(images: impl IntoIterator<Item = &'a str>) -> Invocation {
    let format = "[{{json .RepoTags}},{{json .Id}},{{json .Created}},{{json .Config.Labels}}]";
    Invocation::new("docker").args(["image", "inspect", "--format", format]).args(images)
}

/// Asks for the tags of all images of a name, a line each.
pub fn tags_query(name: &str) -> Invocation {
    Invocation::new("docker").args(["image", "ls", "--format", "{{.Tag}}", name])
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
    fn an_index_tells_where_a_manifest_is_and_a_manifest_what_it_takes() {
        let index = r#"{"manifests": [
            {"digest": "sha256:1", "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": "sha256:2", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}]}"#;
        let manifest = r#"{"config": {"size": 7}, "layers": [{"size": 100}, {"size": 20}]}"#;
        let platform = Platform::parse("linux/arm64").unwrap();
        assert_eq!(ManifestQuery::platform(index, &platform).unwrap(), "sha256:2");
        assert_eq!((ManifestQuery::platform(manifest, &platform), ManifestQuery::size(manifest)), (None, Some(127)));
        let by = |image| ManifestQuery { image }.by("sha256:2");
        assert_eq!((by("h:5/x:dev"), by("h:5/x")), ("h:5/x@sha256:2".to_owned(), "h:5/x@sha256:2".to_owned()));
    }

    #[test]
    fn a_registry_tells_one_platform_or_several() {
        let several = r#"{"linux/amd64": {"os": "linux"}, "linux/arm64/v8": {"os": "linux"}}"#;
        assert_eq!(platforms(several).unwrap(), ["linux/amd64", "linux/arm64"]);
        assert_eq!(platforms(r#"{"created": "x", "architecture": "s390x", "os": "linux"}"#).unwrap(), ["linux/s390x"]);
        assert_eq!(platforms("ERROR: not found"), None);
    }
}
