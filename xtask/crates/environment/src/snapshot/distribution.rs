//! One installed Python distribution.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use specs::python::{MarkerEnvironment, Requirement, normalised};

use super::{DeclaredLicence, DirectUrl, InstalledFiles};
use crate::{freeze::Pin, pip_section::name_of, wheel_tags::WheelTags};

///
/// Source: the PyPA's "Core metadata specifications" and "Recording installed projects".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// As its metadata spell it.
    pub name: String,
    /// As its metadata have it, with a local part such as `+cpu`.
    pub version: String,
    pub installer: Installer,
    /// `None` for one from an index.
    pub origin: Option<DirectUrl>,
    /// `Requires-Dist`, those of extras included.
    pub requires: Vec<Requirement>,
    /// Of the wheel that it was installed from, or that was built for it; `None` where its metadata do not tell.
    pub wheel: Option<WheelTags>,
    pub licence: DeclaredLicence,
    /// Without those that the record of a conda package has.
    pub files: InstalledFiles,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installer {
    /// conda, as a part of one of its packages.
    Conda,
    /// pip, uv or another one, by the name that it gives itself, if it does.
    Other(Option<String>),
}

/// A distribution as the probe prints it.
#[derive(Debug, Deserialize)]
pub(super) struct DistributionFields {
    name: String,
    version: String,
    installer: Option<String>,
    /// The contents of `direct_url.json`, whoever has written it.
    direct_url: Option<Value>,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    build: Option<String>,
    #[serde(default)]
    licence: DeclaredLicence,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    edited: BTreeSet<String>,
}

impl DistributionFields {
    /// `warn` gets a sentence where a password or token was left out.
    pub fn distribution(self, warn: &mut impl FnMut(String)) -> Distribution {
        let Self { name, version, installer, direct_url, requires, tags, build, licence, files, edited } = self;
        let mut secret = || warn(format!("`{name}`: a password or token in its URL was left out"));
        let origin = direct_url.and_then(|it| DirectUrl::read(it, &mut secret));
        // Old metadata has versions that no specification knows; that the package is needed is clear all the same.
        let requirement =
            |it: &String| Requirement::parse(it).or_else(|why| name_of(it).map_or(Err(why), Requirement::parse)).ok();
        let requires = requires.iter().filter_map(requirement).collect();
        let installer = match installer {
            Some(name) if name == "conda" => Installer::Conda,
            other => Installer::Other(other),
        };
        let files = InstalledFiles { digests: files, edited };
        let wheel = WheelTags::of_metadata(tags.iter().map(String::as_str), build.as_deref());
        Distribution { name, version, installer, origin, requires, wheel, licence, files }
    }
}

impl Distribution {
    /// The name as PEP 503 compares it.
    pub fn normalised_name(&self) -> String {
        normalised(&self.name)
    }

    /// Its requirements in an environment, with those of some extras, given by normalised names.
    pub fn needs<'a>(
        &'a self,
        environment: &'a MarkerEnvironment,
        extras: &'a [String],
    ) -> impl Iterator<Item = &'a Requirement> {
        let holds = move |it: &&Requirement| {
            let mut all = std::iter::once("").chain(extras.iter().map(String::as_str));
            it.marker.as_ref().is_none_or(|marker| all.any(|extra| marker.holds(environment, extra)))
        };
        self.requires.iter().filter(holds)
    }

    /// `None` for an installation from a directory of this machine.
    pub fn pin(&self) -> Option<Pin> {
        match &self.origin {
            None => Some(Pin::Version(self.version.clone())),
            Some(origin) => origin.requirement().map(Pin::Url),
        }
    }
}
