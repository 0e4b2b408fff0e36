//! The operating system of this machine, and the commands that install and start things on it.

mod cuda_build;
pub mod emulator;
mod nvidia;
mod remedies;

pub use cuda_build::CudaBuild;
pub use nvidia::{NvidiaDriver, NvidiaGpu};

use std::fmt;

use camino::Utf8Path;

use process::files;

/// Systems that differ in how programs are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Debian and its derivatives except Ubuntu; the release where it is Debian itself.
    Debian(Option<u32>),
    /// Ubuntu and its derivatives.
    Ubuntu,
    Fedora,
    /// Red Hat Enterprise Linux and its like.
    RedHat,
    /// Arch Linux and its like.
    Arch,
    MacOs,
    Other,
}

/// The system of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// As the system calls itself.
    pub name: String,
    pub family: Family,
    /// Whether it is a guest of Windows.
    is_wsl: bool,
    /// Whether systemd starts its services.
    has_systemd: bool,
}

/// What a system is recognised by.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemFacts<'a> {
    /// The operating system that this program was compiled for, as in `std::env::consts::OS`.
    pub os: &'a str,
    /// The text of `/etc/os-release`. Format: os-release(5).
    pub os_release: &'a str,
    /// The text of `/proc/version`, which names Microsoft in WSL.
    pub kernel: &'a str,
    /// Whether `/run/systemd/system` exists: sd_booted(3).
    pub has_systemd: bool,
}

impl System {
    /// The system of this machine. A file that cannot be read counts as empty.
    pub fn detect() -> Self {
        let text = |path: &str| files::read_text(Utf8Path::new(path)).unwrap_or_default();
        Self::new(&SystemFacts {
            os: std::env::consts::OS,
            os_release: &text("/etc/os-release"),
            kernel: &text("/proc/version"),
            has_systemd: Utf8Path::new("/run/systemd/system").is_dir(),
        })
    }

    pub fn new(facts: &SystemFacts) -> Self {
        let value = |name: &str| {
            let line = facts.os_release.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
            line.map(|it| it.trim_matches(['"', '\'']).to_owned()).filter(|it| !it.is_empty())
        };
        if facts.os == "macos" {
            return Self { name: "macOS".to_owned(), family: Family::MacOs, is_wsl: false, has_systemd: false };
        }
        let id = value("ID").unwrap_or_default();
        let like = value("ID_LIKE").unwrap_or_default();
        let is_like = |name: &str| id == name || like.split_whitespace().any(|it| it == name);
        let release = value("VERSION_ID").and_then(|it| it.split('.').next()?.parse().ok());
        let family = match id.as_str() {
            "fedora" => Family::Fedora,
            "debian" => Family::Debian(release),
            _ if is_like("ubuntu") => Family::Ubuntu,
            _ if is_like("debian") => Family::Debian(None),
            _ if is_like("rhel") || is_like("centos") => Family::RedHat,
            _ if is_like("fedora") => Family::Fedora,
            _ if is_like("arch") => Family::Arch,
            _ => Family::Other,
        };
        Self {
            name: value("PRETTY_NAME").unwrap_or_else(|| facts.os.to_owned()),
            family,
            is_wsl: facts.kernel.to_lowercase().contains("microsoft"),
            has_systemd: facts.has_systemd,
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if self.is_wsl { write!(f, " in WSL") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_recognised_by_what_they_say_of_themselves() {
        let family =
            |os_release| System::new(&SystemFacts { os: "linux", os_release, ..SystemFacts::default() }).family;
        assert_eq!(family("ID=debian\nVERSION_ID=\"12\"\n"), Family::Debian(Some(12)));
        assert_eq!(family("NAME=\"Debian GNU/Linux\"\nID=debian\n"), Family::Debian(None));
        assert_eq!(family("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n"), Family::Ubuntu);
        assert_eq!(family("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Family::Ubuntu);
        assert_eq!(family("ID=raspbian\nID_LIKE=debian\n"), Family::Debian(None));
        assert_eq!(family("ID=fedora\nVERSION_ID=42\n"), Family::Fedora);
        assert_eq!(family("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), Family::RedHat);
        assert_eq!(family("ID=manjaro\nID_LIKE=arch\n"), Family::Arch);
        assert_eq!(family(""), Family::Other);
        assert_eq!(System::new(&SystemFacts { os: "macos", ..SystemFacts::default() }).family, Family::MacOs);
    }

    #[test]
    fn a_guest_of_windows_is_recognised_by_its_kernel() {
        let facts = SystemFacts {
            os: "linux",
            os_release: "ID=ubuntu\nPRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\n",
            kernel: "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@…) #1 SMP",
            ..SystemFacts::default()
        };
        assert_eq!(System::new(&facts).to_string(), "Ubuntu 24.04.1 LTS in WSL");
    }
}
