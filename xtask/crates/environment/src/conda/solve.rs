//! The request to conda's solver.

use camino::Utf8Path;
use serde_json::json;

use super::{AssumedSystem, CondaIntent};
use crate::{Platform, lock::CondaFile};

/// What the solver is asked. It starts nothing of the platform that it solves for.
#[derive(Debug, Clone, Copy)]
pub struct CondaSolve<'a> {
    pub platform: &'a Platform,
    pub intent: &'a CondaIntent,
    /// Packages that stay as they are unless they cannot.
    pub locked: &'a [CondaFile],
    pub system: &'a AssumedSystem,
    /// Where channels' indexes and packages are kept for the next time.
    pub cache: &'a Utf8Path,
    /// The server at which channels are that have a name alone, where it is another than conda's.
    pub channel_alias: Option<&'a str>,
    /// Whether only what is in the cache counts.
    pub is_offline: bool,
}

impl CondaSolve<'_> {
    /// How long a solver may think, in seconds. It takes seconds for what people can read; what takes longer has a mistake in it.
    const TIMEOUT: u32 = 600;

    /// The request as JSON; `None` where conda has no packages for the platform.
    pub fn json(&self) -> Option<String> {
        let mut request = json!({
            "platform": self.platform.conda_subdir()?,
            "channels": self.intent.channels,
            "specs": self.intent.specs,
            "locked": self.locked.iter().map(CondaFile::entry).collect::<Vec<_>>(),
            "virtual_packages": self.system.json(),
            "cache": self.cache.as_str(),
            "offline": self.is_offline,
            "timeout_s": Self::TIMEOUT,
        });
        if let Some(alias) = self.channel_alias {
            request["channel_alias"] = alias.into();
        }
        Some(format!("{request:#}\n"))
    }
}

impl AssumedSystem {
    pub(super) fn json(&self) -> serde_json::Value {
        self.0.iter().map(|it| json!({"name": it.name, "version": it.version, "build": it.build})).collect()
    }
}
