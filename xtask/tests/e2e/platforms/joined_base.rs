//! A base image for both platforms.

use crate::support::docker::docker;
use crate::support::{Registry, base_image};

/// A base image that a registry has for both platforms. The classic store of an engine holds it for one.
pub struct JoinedBase(String);

impl JoinedBase {
    /// The one that was chosen for this run. Where the engine has its counterpart, `cargo xtask base --arch arm64`'s by its
    /// name, no registry has it for both, and the two are joined in this one.
    pub fn push(registry: &Registry) -> Self {
        let own = base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned());
        let other = format!("{own}-arm64");
        if !docker(["image", "inspect", &other]).output().expect("docker starts").status.success() {
            return Self(own);
        }
        let base = registry.image("base");
        let parts = [(own, "amd64"), (other, "arm64")].map(|(image, tag)| push_as(&image, format!("{base}:{tag}")));
        Self(join(&parts, format!("{base}:both")))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Pushes an image by another name.
pub fn push_as(image: &str, name: String) -> String {
    docker(["tag", image, &name]).assert().success();
    docker(["push", "--quiet", &name]).assert().success();
    name
}

/// Makes one image of several in a registry.
pub fn join(parts: &[String], name: String) -> String {
    docker(["buildx", "imagetools", "create", "--tag", &name].into_iter().chain(parts.iter().map(String::as_str)))
        .assert()
        .success();
    name
}
