//! Queries about images, to the daemon and to registries.

use serde_json::Value;

use environment::Platform;
use process::Invocation;

/// Queries about one image, most of them to the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageQuery<'a> {
    /// The image's name and tag.
    pub image: &'a str,
}

impl ImageQuery<'_> {
    /// Prints the image's id; fails where the daemon does not have the image.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{.Id}}", self.image])
    }

    /// Prints `ID NAME@DIGEST`; only `ID ` for an image that is from no registry.
    pub fn identity(&self) -> Invocation {
        let format = "{{.Id}} {{if .RepoDigests}}{{index .RepoDigests 0}}{{end}}";
        Invocation::new("docker").args(["image", "inspect", "--format", format, self.image])
    }

    /// Prints all that the daemon knows of the image, as one line of JSON.
    pub fn description(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{json .}}", self.image])
    }

    /// Prints all names and tags of the image, as a JSON list.
    pub fn names(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{json .RepoTags}}", self.image])
    }

    /// Prints the platform of the image that the daemon has.
    pub fn platform(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", self.image])
    }

    /// Prints the size in bytes.
    pub fn size(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{.Size}}", self.image])
    }

    /// Prints a line of JSON for each instruction that made the image, the last one first.
    pub fn history(&self) -> Invocation {
        Invocation::new("docker").args(["history", "--no-trunc", "--human=false", "--format", "{{json .}}", self.image])
    }

    /// Prints how many layers the image has.
    pub fn layer_count(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{len .RootFS.Layers}}", self.image])
    }

    /// Prints the digests of the image's layers, from the lowest to the last, as a JSON list.
    pub fn layer_digests(&self) -> Invocation {
        Invocation::new("docker").args(["image", "inspect", "--format", "{{json .RootFS.Layers}}", self.image])
    }

    /// Asks the registry for the platforms of the image, as JSON that [`platforms`] parses.
    pub fn registry_platforms(&self) -> Invocation {
        Invocation::new("docker").args(["buildx", "imagetools", "inspect", "--format", "{{json .Image}}", self.image])
    }

    /// Prints what a program of Python prints in the image's environment.
    pub fn probe(&self, program: &str) -> Invocation {
        let options = ["run", "--rm", "--pull=never", "--network=none", "--entrypoint=python", self.image, "-c"];
        Invocation::new("docker").args(options).arg(program)
    }

    /// Prints the C library of the image, such as `glibc 2.36`; fails where it is not glibc.
    pub fn libc(&self) -> Invocation {
        Invocation::new("docker").args([
            "run",
            "--rm",
            "--network=none",
            "--entrypoint",
            "getconf",
            self.image,
            "GNU_LIBC_VERSION",
        ])
    }

    /// Removes the image, without layers that other images use. An image that the daemon does not have is no failure.
    pub fn removal(&self) -> Invocation {
        Invocation::new("docker").args(["image", "rm", "--force", self.image])
    }
}

/// Queries about one image in a registry.
///
/// Source: the OCI's image specification, `manifest.md` and `image-index.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestQuery<'a> {
    /// The image's name with the registry's host, and its tag or digest.
    pub image: &'a str,
}

impl ManifestQuery<'_> {
    /// Prints the image's manifest, or its index of several manifests.
    pub fn invocation(&self) -> Invocation {
        Invocation::new("docker").args(["buildx", "imagetools", "inspect", "--raw", self.image])
    }

    /// The image's name with a digest instead of its tag.
    pub fn with_digest(&self, digest: &str) -> String {
        let name = self.image.rsplit_once(':').filter(|it| !it.1.contains('/')).map_or(self.image, |it| it.0);
        format!("{name}@{digest}")
    }

    /// The digest of a platform's manifest; `None` where the answer is not an index with that platform.
    pub fn platform(answer: &str, platform: &Platform) -> Option<String> {
        let index: Value = serde_json::from_str(answer).ok()?;
        let is_it = |it: &&Value| {
            let word = |key: &str| it["platform"][key].as_str().unwrap_or_default();
            format!("{}/{}", word("os"), word("architecture")) == platform.to_string()
        };
        Some(index["manifests"].as_array()?.iter().find(is_it)?["digest"].as_str()?.to_owned())
    }

    /// The bytes of the layers and the configuration, compressed as in the registry; `None` where the answer is an index.
    pub fn size(answer: &str) -> Option<u64> {
        let manifest: Value = serde_json::from_str(answer).ok()?;
        let parts = manifest["layers"].as_array()?.iter().chain([&manifest["config"]]);
        Some(parts.filter_map(|it| it["size"].as_u64()).sum())
    }
}

/// Asks the daemon for images: a line with a JSON list of names with tags, names with
/// digests, id, time of creation and labels for each that it has.
pub fn images_query<'a>(images: impl IntoIterator<Item = &'a str>) -> Invocation {
    let format = "[{{json .RepoTags}},{{json .RepoDigests}},{{json .Id}},{{json .Created}},{{json .Config.Labels}}]";
    Invocation::new("docker").args(["image", "inspect", "--format", format]).args(images)
}

/// Asks the daemon for the tags of all images of a name, a line each.
pub fn tags_query(name: &str) -> Invocation {
    Invocation::new("docker").args(["image", "ls", "--format", "{{.Tag}}", name])
}

/// Parses the answer to [`ImageQuery::registry_platforms`]: the configuration of one image, or of several by platform. `None`
/// where it is neither.
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
    fn an_index_has_the_digest_of_a_manifest_and_a_manifest_its_size() {
        let index = r#"{"manifests": [
            {"digest": "sha256:1", "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": "sha256:2", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}]}"#;
        let manifest = r#"{"config": {"size": 7}, "layers": [{"size": 100}, {"size": 20}]}"#;
        let platform = Platform::parse("linux/arm64").unwrap();
        assert_eq!(ManifestQuery::platform(index, &platform).unwrap(), "sha256:2");
        assert_eq!((ManifestQuery::platform(manifest, &platform), ManifestQuery::size(manifest)), (None, Some(127)));
        let with_digest = |image| ManifestQuery { image }.with_digest("sha256:2");
        assert_eq!(
            (with_digest("h:5/x:dev"), with_digest("h:5/x")),
            ("h:5/x@sha256:2".to_owned(), "h:5/x@sha256:2".to_owned())
        );
    }

    #[test]
    fn an_answer_has_one_platform_or_several() {
        let several = r#"{"linux/amd64": {"os": "linux"}, "linux/arm64/v8": {"os": "linux"}}"#;
        assert_eq!(platforms(several).unwrap(), ["linux/amd64", "linux/arm64"]);
        assert_eq!(platforms(r#"{"created": "x", "architecture": "s390x", "os": "linux"}"#).unwrap(), ["linux/s390x"]);
        assert_eq!(platforms("ERROR: not found"), None);
    }
}
