//! All that something is made of.

use std::collections::BTreeMap;

use environment::{Platform, lock::BaseImage, snapshot::LinuxRelease};
use process::sort_by;

use crate::{Material, cyclonedx, spdx};

/// The packages of an environment, and what they stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    pub subject: InventorySubject,
    pub platform: Platform,
    /// What an image was built from; none for a prefix.
    pub base: Option<BaseImage>,
    /// Whose system packages an image has.
    pub release: Option<LinuxRelease>,
    /// By kind and name.
    pub materials: Vec<Material>,
    /// The Python distributions that packages of conda's bring, by normalised name, with their versions.
    pub brought_by_conda: BTreeMap<String, String>,
    /// When what it tells came to be, in seconds since 1970.
    pub time: Option<u64>,
}

/// What is made of the packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventorySubject {
    pub kind: SubjectKind,
    /// Of the project, or of the image with its tag.
    pub name: String,
    /// More that is known of it, by names such as `python`.
    pub facts: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// An environment that is described by files alone.
    Lock,
    Image,
    /// The native engine's environment.
    Prefix,
}

/// The form of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillFormat {
    /// Version 1.6, as JSON.
    CycloneDx,
    /// Version 2.3, as JSON.
    Spdx,
}

/// Seconds since 1970 of a time in RFC 3339.
pub fn seconds_of(text: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339(text).ok()?;
    time.duration_since(std::time::UNIX_EPOCH).ok().map(|it| it.as_secs())
}

impl BillFormat {
    pub const ALL: [Self; 2] = [Self::CycloneDx, Self::Spdx];

    pub fn name(self) -> &'static str {
        match self {
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
        }
    }
}

impl Inventory {
    /// Its document, the same text for the same packages; `tool` is this tool's version.
    pub fn document(&self, format: BillFormat, tool: &str) -> serde_json::Result<String> {
        match format {
            BillFormat::CycloneDx => cyclonedx::document(self, tool),
            BillFormat::Spdx => spdx::document(self, tool),
        }
    }

    pub(crate) fn sorted(mut self) -> Self {
        sort_by(&mut self.materials, |one, other| {
            (one.kind, &one.name, &one.url).cmp(&(other.kind, &other.name, &other.url))
        });
        self
    }

    /// The time as RFC 3339 has it.
    pub(crate) fn timestamp(&self) -> Option<String> {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(self.time?);
        Some(humantime::format_rfc3339_seconds(time).to_string())
    }
}
