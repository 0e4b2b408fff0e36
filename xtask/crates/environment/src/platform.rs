//! The system and processor that packages are for.

use std::fmt;

/// A platform in Docker's spelling, such as `linux/amd64`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    system: String,
    architecture: String,
}

/// What Python calls processors, and Docker's names for them.
///
/// Source: Go's list of `GOARCH`, which Docker's platforms are named after; uname(2) for the other column.
const ARCHITECTURES: [(&str, &str); 5] =
    [("x86_64", "amd64"), ("aarch64", "arm64"), ("i686", "386"), ("ppc64le", "ppc64le"), ("s390x", "s390x")];

impl Platform {
    /// The platform of Python's `platform.system()` and `platform.machine()`, such as `Linux` and `x86_64`.
    pub(crate) fn of_python(system: &str, machine: &str) -> Self {
        let system = if system == "Darwin" { "osx".to_owned() } else { system.to_lowercase() };
        let machine = machine.to_lowercase();
        let known = ARCHITECTURES.iter().find(|(python, _)| *python == machine);
        Self { system, architecture: known.map_or(machine.as_str(), |it| it.1).to_owned() }
    }

    /// Parses `linux/amd64`; `None` where it is not two words with a `/` between them.
    pub fn parse(text: &str) -> Option<Self> {
        let is_word = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        let (system, architecture) = text.split_once('/').filter(|(a, b)| is_word(a) && is_word(b))?;
        Some(Self { system: system.to_owned(), architecture: architecture.to_owned() })
    }

    /// The inverse of [`Platform::folder`].
    pub fn of_folder(name: &str) -> Option<Self> {
        Self::parse(&name.replacen('-', "/", 1))
    }

    /// The processor, in Docker's spelling, which is dpkg's for the usual ones.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// Those that a lock can be solved for from anywhere: uv knows wheels for them, and conda has a folder.
    pub const SOLVABLE: [&str; 4] = ["linux/amd64", "linux/arm64", "osx/amd64", "osx/arm64"];

    /// The folder of its packages in conda's channels.
    ///
    /// Source: conda's documentation, "Channels", "Specifying subdirs".
    pub(crate) fn conda_subdir(&self) -> Option<&'static str> {
        match (self.system.as_str(), self.architecture.as_str()) {
            ("linux", "amd64") => Some("linux-64"),
            ("linux", "arm64") => Some("linux-aarch64"),
            ("osx", "amd64") => Some("osx-64"),
            ("osx", "arm64") => Some("osx-arm64"),
            _ => None,
        }
    }

    /// Containers run Linux and nothing else.
    pub fn is_linux(&self) -> bool {
        self.system == "linux"
    }

    pub fn is_macos(&self) -> bool {
        self.system == "osx"
    }

    /// Linux on this machine's processor.
    pub fn of_containers() -> Self {
        Self::of_python("Linux", std::env::consts::ARCH)
    }

    /// This machine's own system and processor.
    pub fn of_host() -> Self {
        let system = if cfg!(target_os = "macos") { "Darwin" } else { "Linux" };
        Self::of_python(system, std::env::consts::ARCH)
    }

    /// The name of its folder, `linux-amd64`: Docker's spelling with the one character changed that makes two folders.
    pub fn folder(&self) -> String {
        format!("{}-{}", self.system, self.architecture)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.system, self.architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_platform_has_one_spelling() {
        for (system, machine, text) in [
            ("Linux", "x86_64", "linux/amd64"),
            ("Linux", "aarch64", "linux/arm64"),
            ("Darwin", "arm64", "osx/arm64"),
            ("Linux", "riscv64", "linux/riscv64"),
        ] {
            let platform = Platform::of_python(system, machine);
            assert_eq!(platform.to_string(), text);
            assert_eq!(Platform::parse(text), Some(platform));
        }
        let amd64 = Platform::of_python("Linux", "x86_64");
        assert_eq!(amd64.folder(), "linux-amd64");
        assert_eq!(Platform::of_folder("linux-amd64"), Some(amd64));
        for bad in ["", "linux", "linux/", "linux/amd64/v8", "../x/y"] {
            assert_eq!(Platform::parse(bad), None, "{bad}");
        }
    }
}
