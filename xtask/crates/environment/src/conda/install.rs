//! The request to conda's installer.

use serde_json::json;

use super::{AssumedSystem, CondaIntent};
use crate::{Platform, lock::CondaFile};

/// The exact packages that a prefix shall have: nothing is solved, and no channel's index is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaInstall {
    pub platform: Platform,
    /// In any order.
    pub files: Vec<CondaFile>,
    /// What people have asked for, without the pins of `freeze`: it is noted in the prefix, for conda's programs.
    pub intent: CondaIntent,
    pub system: AssumedSystem,
    /// The packages whose post-link scripts may run.
    pub link_scripts: Vec<String>,
}

/// Where packages are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CondaPlace<'a> {
    pub prefix: &'a str,
    /// Packages are kept here for the next time.
    pub cache: &'a str,
    /// Whether files are copied from the cache. Otherwise they are hard links, which take no room.
    pub is_copied: bool,
    pub is_offline: bool,
}

impl CondaInstall {
    /// The packages, a line each, as in `conda.lock`, but sorted.
    pub fn list(&self) -> String {
        self.entries().into_iter().map(|it| it + "\n").collect()
    }

    /// A solver and a snapshot give the same packages in different orders. The installer has its own.
    fn entries(&self) -> Vec<String> {
        let mut entries: Vec<String> = self.files.iter().map(CondaFile::entry).collect();
        entries.sort();
        entries
    }

    /// The request as JSON. It is the same on every machine where the place is.
    pub fn json(&self, place: CondaPlace) -> String {
        let request = json!({
            "prefix": place.prefix,
            "platform": self.platform.conda_subdir(),
            "packages": self.entries(),
            "requested": self.intent.specs,
            "channels": self.intent.channels,
            "virtual_packages": self.system.json(),
            "cache": place.cache,
            "offline": place.is_offline,
            "copy": place.is_copied,
            "bytecode": true,
            "link_scripts": self.link_scripts,
            "command": "cargo xtask build",
        });
        format!("{request:#}\n")
    }
}
