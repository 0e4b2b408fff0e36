//! Distributions, their releases, and processors.

use std::fmt;
use std::str::FromStr;

/// A distribution whose packages mmdebstrap can make an image of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BaseDistribution {
    Debian,
    Ubuntu,
}

impl BaseDistribution {
    /// In lower case, as on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Ubuntu => "ubuntu",
        }
    }

    /// As in the field `Origin:` of its archives.
    pub(crate) fn origin(self) -> &'static str {
        match self {
            Self::Debian => "Debian",
            Self::Ubuntu => "Ubuntu",
        }
    }

    /// The file with the keys that its archives are signed with, on a machine as in an image.
    pub(crate) fn keyring(self) -> &'static str {
        match self {
            Self::Debian => "/usr/share/keyrings/debian-archive-keyring.gpg",
            Self::Ubuntu => "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
        }
    }

    /// The package with the keys, which both distributions have under this name.
    pub(crate) fn keyring_package(self) -> &'static str {
        match self {
            Self::Debian => "debian-archive-keyring",
            Self::Ubuntu => "ubuntu-keyring",
        }
    }

    /// The components of its archives that an image installs from. Much of what people use is in Ubuntu's second.
    pub(crate) fn components(self) -> &'static str {
        match self {
            Self::Debian => "main",
            Self::Ubuntu => "main universe",
        }
    }
}

/// A release of a distribution, as in `debian/bookworm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub(crate) distribution: BaseDistribution,
    /// Such as `bookworm`.
    pub(crate) codename: String,
}

impl Default for Release {
    fn default() -> Self {
        Self { distribution: BaseDistribution::Debian, codename: "bookworm".to_owned() }
    }
}

impl FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (distribution, codename) = text.split_once('/').unwrap_or((text, ""));
        let distribution = match distribution {
            "debian" => BaseDistribution::Debian,
            "ubuntu" => BaseDistribution::Ubuntu,
            _ => return Err("write `debian/` or `ubuntu/` and a codename, such as `debian/bookworm`".to_owned()),
        };
        let is_codename = codename.starts_with(|it: char| it.is_ascii_lowercase())
            && codename.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        if is_codename {
            Ok(Self { distribution, codename: codename.to_owned() })
        } else {
            let example = if distribution == BaseDistribution::Debian { "debian/bookworm" } else { "ubuntu/noble" };
            Err(format!("`{codename}` is not a codename: write the word for the release, as in `{example}`"))
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.distribution.name(), self.codename)
    }
}

/// A processor, as Debian, Ubuntu and Docker call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// x86-64.
    Amd64,
    /// AArch64.
    Arm64,
}

impl Architecture {
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// This machine's; `None` where it is another.
    pub(crate) fn of_machine() -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.kernel_name() == std::env::consts::ARCH)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// As Linux, qemu and Rust call it.
    pub(crate) fn kernel_name(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_a_distribution_and_a_codename() {
        let release: Release = "debian/bookworm".parse().unwrap();
        assert_eq!((release.distribution, release.codename.as_str()), (BaseDistribution::Debian, "bookworm"));
        assert_eq!("ubuntu/noble".parse::<Release>().unwrap().to_string(), "ubuntu/noble");
    }

    #[test]
    fn what_is_not_a_release_is_refused_with_an_example() {
        for text in ["", "fedora/42", "debian", "debian/", "ubuntu/24.04", "debian/$(id)", "debian/a b", "debian/-x"] {
            let error = text.parse::<Release>().unwrap_err();
            assert!(error.contains("debian/bookworm") || error.contains("ubuntu/noble"), "{text}: {error}");
        }
    }
}
