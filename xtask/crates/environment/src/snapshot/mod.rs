//! Snapshots: what is installed in a live environment, as its own Python reports it.

mod analysis;
mod conda_record;
mod direct_url;
mod distribution;
mod files;
mod json;
mod licence;
mod listed;
mod parse;
mod reach;
#[cfg(test)]
mod recorded;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use specs::python::MarkerEnvironment;

use super::{Platform, conda::AssumedSystem};

pub use analysis::Analysis;
pub(crate) use conda_record::CondaRecordFields;
pub use conda_record::{CondaHash, CondaRecord};
pub use direct_url::DirectUrl;
pub use distribution::{Distribution, Installer};
pub use files::InstalledFiles;
pub use licence::DeclaredLicence;
pub use listed::PackageOutcome;
pub(crate) use listed::requirement_of;

/// The program that reads an environment. The environment's own Python runs it, and it prints what [`Snapshot::parse`]
/// reads.
pub const PROBE: &str = include_str!("probe.py");

/// Python's arguments to run the probe without the user's own site-packages and variables; `apt` are the
/// system packages to look up.
pub fn probe_arguments<'a>(apt: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    ["-I", "-c", PROBE].into_iter().chain(apt).map(str::to_owned).collect()
}

/// The same, with the digests of the packages' files.
pub fn probe_arguments_with_files() -> Vec<String> {
    probe_arguments(["--files"])
}

/// The same, with every package of the system and the release that these are of.
pub fn probe_arguments_with_system() -> Vec<String> {
    probe_arguments(["--all-apt"])
}

/// The packages of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub interpreter: Interpreter,
    pub platform: Platform,
    /// The C library with its version, such as `glibc 2.36`, where it reports one.
    pub libc: Option<String>,
    /// conda's packages, by name; none where conda did not make the environment.
    pub conda: Vec<CondaRecord>,
    /// What was assumed of the system when they were solved; empty where nobody has noted it.
    pub system: AssumedSystem,
    /// The Python distributions in the environment's own site-packages, by normalised name; conda's among them.
    pub distributions: Vec<Distribution>,
    /// Installed system packages: all of them, or of those that the probe was given.
    pub apt: Vec<InstalledAptPackage>,
    /// Whose release the system packages are of, where the probe was asked for all of them.
    pub release: Option<LinuxRelease>,
    /// Packages whose files are not all there.
    pub lost: Vec<LostFiles>,
    /// What could not be read or was left out, a sentence each that names the package or file.
    pub warnings: Vec<String>,
}

/// Files of a package that were installed and are gone. Bytecode does not count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LostFiles {
    pub package: String,
    pub count: usize,
    /// The first of them, as the package's own record has it.
    pub first: String,
}

/// The Python of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Interpreter {
    /// Full, such as `3.12.4`.
    pub version: String,
    /// The values of the variables in markers.
    #[serde(deserialize_with = "markers")]
    pub markers: MarkerEnvironment,
}

fn markers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MarkerEnvironment, D::Error> {
    Ok(BTreeMap::<String, String>::deserialize(deserializer)?.into_iter().collect())
}

/// A system package as dpkg has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct InstalledAptPackage {
    pub name: String,
    pub version: String,
    /// As dpkg spells it, or `all`.
    pub architecture: String,
    /// The package that it was built from, by which Debian's advisories name it.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub source_version: String,
}

/// A distribution of Linux, as os-release(5) has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct LinuxRelease {
    /// Such as `debian`.
    pub id: Option<String>,
    /// Such as `12`. A release that is still being made has none.
    pub release: Option<String>,
}

impl InstalledAptPackage {
    /// Its name, with the architecture where it is not that of the platform.
    pub fn qualified_name(&self, platform: &Platform) -> String {
        let is_native = self.architecture == "all" || self.architecture == platform.architecture();
        if is_native { self.name.clone() } else { format!("{}:{}", self.name, self.architecture) }
    }
}

impl Snapshot {
    /// `name` in lower case.
    pub(crate) fn conda_record(&self, name: &str) -> Option<&CondaRecord> {
        self.conda.iter().find(|it| it.name == name)
    }

    /// `name` normalised.
    pub fn distribution(&self, name: &str) -> Option<&Distribution> {
        self.distributions.iter().find(|it| it.normalised_name() == name)
    }

    /// The distributions that pip or uv have installed.
    pub fn pip(&self) -> impl Iterator<Item = &Distribution> {
        self.distributions.iter().filter(|it| it.installer != Installer::Conda)
    }
}
