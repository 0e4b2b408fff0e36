//! A base image for both platforms.

use crate::support::docker::docker;
use crate::support::{Registry, base_image, host_variable};

/// Names the base image for linux/arm64, where BASE_IMAGE is for linux/amd64 only. `.ci/run` sets it.
const ARM64_BASE: &str = "E2E_BASE_IMAGE_ARM64";

/// A base image that a registry has for both platforms. The classic store of an engine holds it for one.
pub struct JoinedBase(String);

impl JoinedBase {
    /// The one that was chosen for this run; where that is two, for a platform each, they are joined in a registry.
    pub fn push(registry: &Registry) -> Self {
        let own = base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned());
        let Some(other) = host_variable(ARM64_BASE) else { return Self(own) };
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
