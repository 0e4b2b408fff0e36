//! Exact versions, as `environment.yml` names them.

use std::collections::HashMap;

use specs::python::normalised;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageList {
    /// `dependencies:`.
    Conda,
    /// The `pip:` section.
    Pip,
}

impl PackageList {
    pub fn name(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::Pip => "pip",
        }
    }

    /// The spelling by which the names of a list are compared: conda knows no other one than small letters, and
    /// `ruamel_yaml` and `ruamel.yaml` are two packages there.
    pub(crate) fn key(self, name: &str) -> String {
        match self {
            Self::Conda => name.to_ascii_lowercase(),
            Self::Pip => normalised(name),
        }
    }

    /// An entry with the name of its list, which tells it from one of the other list.
    pub(super) fn with(self, entry: &str) -> String {
        format!("{} {entry}", self.name())
    }
}

/// The exact identity of an installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// A version of an index, its local part included, such as `2.5.1+cpu`.
    Version(String),
    /// A version of conda's, and which build of it.
    Build { version: String, build: String },
    /// What stands behind `NAME @ `: a URL with the full commit, or with the file's `#sha256=`, without credentials.
    Url(String),
}

/// What is installed of the packages that the lists name, each list by itself: who makes them decides what a line stands
/// for when conda and pip have installed a package of the same name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    conda: HashMap<String, Pin>,
    pip: HashMap<String, Pin>,
}

impl Pins {
    /// Notes what is installed of a package in conda's list.
    pub fn conda(&mut self, name: &str, pin: Pin) {
        self.conda.insert(PackageList::Conda.key(name), pin);
    }

    /// Notes what is installed of a package in pip's list; any spelling of its name will do.
    pub fn pip(&mut self, name: &str, pin: Pin) {
        self.pip.insert(PackageList::Pip.key(name), pin);
    }

    /// What is installed of a package, by its [`PackageList::key`].
    pub(super) fn get(&self, list: PackageList, key: &str) -> Option<Pin> {
        match list {
            PackageList::Conda => self.conda.get(key).cloned(),
            PackageList::Pip => self.pip.get(key).cloned(),
        }
    }
}

/// An installed package that `environment.yml` does not list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddedSpec {
    Conda {
        /// The channel, where it is not one of the file's.
        channel: Option<String>,
        name: String,
        /// Without the build.
        version: String,
    },
    Pip {
        /// The name as the package's own metadata have it.
        name: String,
        pin: Pin,
    },
}

impl AddedSpec {
    pub fn list(&self) -> PackageList {
        match self {
            Self::Conda { .. } => PackageList::Conda,
            Self::Pip { .. } => PackageList::Pip,
        }
    }

    pub(crate) fn key(&self) -> String {
        let (Self::Conda { name, .. } | Self::Pip { name, .. }) = self;
        self.list().key(name)
    }

    pub(super) fn pin(&self) -> Pin {
        match self {
            Self::Conda { version, .. } => Pin::Version(version.clone()),
            Self::Pip { pin, .. } => pin.clone(),
        }
    }

    /// The entry that is written into the list.
    pub(super) fn spec(&self) -> String {
        match self {
            Self::Conda { channel: Some(channel), name, version } => format!("{channel}::{name}={version}"),
            Self::Conda { channel: None, name, version } => format!("{name}={version}"),
            Self::Pip { name, pin: Pin::Version(version) | Pin::Build { version, .. } } => format!("{name}=={version}"),
            Self::Pip { name, pin: Pin::Url(url) } => format!("{name} @ {url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_its_own_packages_and_its_own_spelling() {
        let mut pins = Pins::default();
        pins.conda("ruamel_yaml", Pin::Version("0.15".to_owned()));
        pins.pip("Ruamel_Yaml", Pin::Version("0.18".to_owned()));
        assert_eq!(
            pins.get(PackageList::Conda, &PackageList::Conda.key("RUAMEL_yaml")),
            Some(Pin::Version("0.15".to_owned()))
        );
        assert_eq!(pins.get(PackageList::Conda, &PackageList::Conda.key("ruamel.yaml")), None);
        assert_eq!(
            pins.get(PackageList::Pip, &PackageList::Pip.key("ruamel.yaml")),
            Some(Pin::Version("0.18".to_owned()))
        );
    }
}
