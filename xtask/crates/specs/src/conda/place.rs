//! Where a package comes from: the part of a match spec before its name.

use report::Problem;

use super::piece::SpecPart;

/// The platforms that conda names folders of a channel after.
const SUBDIRS: [&str; 20] = [
    "noarch",
    "emscripten-wasm32",
    "freebsd-64",
    "linux-32",
    "linux-64",
    "linux-aarch64",
    "linux-armv6l",
    "linux-armv7l",
    "linux-ppc64",
    "linux-ppc64le",
    "linux-riscv32",
    "linux-riscv64",
    "linux-s390x",
    "osx-64",
    "osx-arm64",
    "wasi-wasm32",
    "win-32",
    "win-64",
    "win-arm64",
    "zos-z",
];

/// A channel, and the folder in it where one is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ChannelFolder {
    /// A name or URL, without the platform.
    pub channel: Option<String>,
    /// A platform of conda's, such as `linux-64`.
    pub subdir: Option<String>,
}

impl ChannelFolder {
    /// Reads `conda-forge`, `conda-forge/linux-64` or a URL of one of these.
    pub fn parse(written: SpecPart<'_>) -> Result<Self, Problem> {
        let written = written.trim();
        if let Some(odd) = written.text.chars().find(|it| !is_channel_character(*it)) {
            let problem = written.wrong(format!("`{odd}` cannot be in a channel"));
            return Err(problem.help("write a channel as in `conda-forge::numpy`"));
        }
        if written.text.starts_with('-') {
            return Err(written.wrong("a channel does not begin with `-`").help("write `conda-forge::numpy`"));
        }
        Ok(Self::split(written.text))
    }

    /// Whether conda knows a platform of this name.
    pub fn is_subdir(name: &str) -> bool {
        SUBDIRS.contains(&name)
    }

    fn split(text: &str) -> Self {
        let named = |it: &str| (!it.is_empty()).then(|| it.to_owned());
        match text.rsplit_once('/') {
            Some((channel, subdir)) if Self::is_subdir(subdir) => {
                Self { channel: named(channel), subdir: named(subdir) }
            }
            _ => Self { channel: named(text), subdir: None },
        }
    }
}

fn is_channel_character(it: char) -> bool {
    !it.is_whitespace() && !it.is_control() && !"\"'`;$^&|<>()[]{}\\#".contains(it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_platform_is_one() {
        let parsed = |text| {
            let ChannelFolder { channel, subdir } = ChannelFolder::parse(SpecPart::whole(text)).unwrap();
            (channel.unwrap_or_default(), subdir.unwrap_or_default())
        };
        assert_eq!(parsed("conda-forge"), ("conda-forge".into(), String::new()));
        assert_eq!(parsed("pkgs/main"), ("pkgs/main".into(), String::new()));
        assert_eq!(parsed("https://h/free/osx-64"), ("https://h/free".into(), "osx-64".into()));
        assert!(ChannelFolder::parse(SpecPart::whole("my channel")).is_err());
    }
}
