//! The files that make an image of a layer.

use serde_json::json;

use super::{Architecture, BaseRecipe, Release};

/// One layer and its description, in the format that `docker save` writes and `docker load` reads in every version.
///
/// <https://github.com/moby/docker-image-spec/blob/main/spec.md>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageDescription<'a> {
    pub(crate) release: &'a Release,
    pub(crate) architecture: Architecture,
    /// Name and tag of the image.
    pub(crate) name: &'a str,
    /// SHA-256 of the layer's tar file, in hexadecimal digits.
    pub(crate) digest: &'a str,
}

impl ImageDescription<'_> {
    /// The files of the archive: the layer, the configuration and the manifest.
    pub(crate) const FILES: [&'static str; 3] = ["layer.tar", "config.json", "manifest.json"];

    /// The image's configuration, as JSON. Its hash is the image's id: it is the same for the same layer.
    pub(crate) fn config(&self) -> String {
        let config = json!({
            "architecture": self.architecture.name(),
            "os": "linux",
            "created": BaseRecipe::EPOCH_TEXT,
            "config": {
                "Cmd": ["bash"],
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", self.digest)] },
            "history": [{
                "created": BaseRecipe::EPOCH_TEXT,
                "created_by": format!("cargo xtask base {}", self.release),
            }],
        });
        config.to_string()
    }

    /// The archive's table of contents, as JSON.
    pub(crate) fn manifest(&self) -> String {
        let [layer, config, _] = Self::FILES;
        json!([{ "Config": config, "RepoTags": [self.name], "Layers": [layer] }]).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_depends_on_the_content_and_not_on_the_name() {
        let release = "debian/bookworm".parse().unwrap();
        let one = ImageDescription { release: &release, architecture: Architecture::Arm64, name: "a:b", digest: "0f" };
        let other = ImageDescription { name: "c:d", ..one.clone() };
        assert_eq!(one.config(), other.config());
        let read: serde_json::Value = serde_json::from_str(&one.config()).unwrap();
        assert_eq!(read["rootfs"]["diff_ids"][0], "sha256:0f");
        assert_eq!(read["architecture"], "arm64");
        assert_eq!(one.manifest(), r#"[{"Config":"config.json","Layers":["layer.tar"],"RepoTags":["a:b"]}]"#);
    }
}
