//! What a bundle says of itself.

use std::collections::BTreeMap;

use camino::{Utf8Component, Utf8Path};
use serde::{Deserialize, Serialize};

/// The first member of every bundle: what the others are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleManifest {
    /// Of the file; another one cannot be read.
    pub format: u64,
    /// The version of the tool that wrote it.
    pub tool: String,
    /// The name in `pyproject.toml`.
    pub project: String,
    /// Such as `linux/amd64`.
    pub platforms: Vec<String>,
    pub images: Vec<BundledImage>,
    /// Every other member, by its path.
    pub files: BTreeMap<String, BundledFile>,
    /// What work without a network may miss, a line each.
    pub not_carried: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledImage {
    /// The name and tag that it has in the bundle.
    pub name: String,
    /// `runtime` or `dev`; `None` for the base image.
    pub target: Option<String>,
    pub platform: String,
    /// The digests of its layers without compression, the lowest first.
    pub layers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledFile {
    /// In bytes.
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

impl BundleManifest {
    /// Its own name in the archive.
    pub const NAME: &str = "bundle.json";

    /// The second member: the SHA-256 of the first.
    pub(crate) const DIGEST: &str = "bundle.json.sha256";

    /// The format that this version writes and reads.
    pub const FORMAT: u64 = 1;

    /// The largest one that is read, in bytes.
    pub(crate) const MAX_SIZE: u64 = 64 << 20;

    pub fn text(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Whether each member stays inside of the directory that it is unpacked into.
    pub(crate) fn has_safe_names(&self) -> bool {
        let is_safe = |name: &String| {
            !name.is_empty() && Utf8Path::new(name).components().all(|it| matches!(it, Utf8Component::Normal(_)))
        };
        self.files.keys().all(is_safe)
    }
}
