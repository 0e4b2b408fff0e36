//! An image's name without a tag: what registries call a repository.

use std::fmt;
use std::str::FromStr;

use project::ImageReference;

/// A name such as `registry.example.org:5000/lab/study`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName(String);

/// The registry of a name without a host.
const DOCKER_HUB: &str = "docker.io";

impl ImageName {
    /// `name` has been checked.
    pub(crate) fn of(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The host and port of its registry.
    pub(crate) fn registry(&self) -> &str {
        match self.0.split_once('/') {
            Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
            _ => DOCKER_HUB,
        }
    }

    pub(crate) fn tagged(&self, tag: &str) -> String {
        format!("{}:{tag}", self.0)
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ImageName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ImageReference::parse(text)?;
        let last = text.rsplit('/').next().unwrap_or_default();
        if text.contains('@') || last.contains(':') {
            return Err("has a tag; leave it out, because the build sets the tags".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_dot_or_a_port() {
        let registry = |text: &str| text.parse::<ImageName>().unwrap().registry().to_owned();
        assert_eq!(registry("127.0.0.1:5000/lab/x"), "127.0.0.1:5000");
        assert_eq!(registry("localhost/x"), "localhost");
        assert_eq!(registry("lab/x"), "docker.io");
    }

    #[test]
    fn a_tag_is_not_part_of_a_name() {
        assert!("lab/x:runtime".parse::<ImageName>().unwrap_err().contains("has a tag"));
        assert!("127.0.0.1:5000/lab/x:1".parse::<ImageName>().is_err());
        assert!("Lab/x".parse::<ImageName>().unwrap_err().contains("lower-case"));
        assert!("-x".parse::<ImageName>().is_err());
    }
}
