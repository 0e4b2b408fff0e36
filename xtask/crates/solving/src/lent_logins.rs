//! Logins lent to the programs of this machine that download.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use inputs::{Logins, Project};
use process::{
    Invocation, Secret,
    files::{NewFile, Scratch},
};

/// Logins that uv, conda's solver and git find while this lives. They are in a file that only its owner may read; it is removed in
/// the end.
#[derive(Debug)]
pub struct LentLogins {
    scratch: Scratch,
    netrc: Option<Utf8PathBuf>,
    channels: Option<Utf8PathBuf>,
    git: BTreeMap<String, Secret>,
    /// How many settings git is given already.
    git_settings: usize,
}

impl LentLogins {
    const NETRC: &str = "netrc";
    const CHANNELS: &str = "channels.json";

    /// Those of the addresses in `environment.yml`, besides the user's own, which programs find by themselves.
    pub fn of(project: &Project) -> Result<Self> {
        let logins = Logins::read(project)?;
        let scratch = project.cx.scratch.clone();
        // Whoever had borrowed them before may have been killed.
        scratch.remove(Self::NETRC)?;
        scratch.remove(Self::CHANNELS)?;
        let lend = |name: &str, secret: Option<Secret>| {
            secret.map(|it| scratch.write(name, &NewFile::secret(&it))).transpose()
        };
        let netrc = lend(Self::NETRC, logins.of_machine())?;
        let channels = lend(Self::CHANNELS, logins.of_channels())?;
        let git_settings = project.cx.host.get("GIT_CONFIG_COUNT").and_then(|it| it.parse().ok()).unwrap_or(0);
        Ok(Self { scratch, netrc, channels, git: logins.git_settings(), git_settings })
    }

    /// Lets a program find them.
    ///
    /// Source: git's manual, "git-config", `GIT_CONFIG_COUNT`.
    pub fn on(&self, mut invocation: Invocation) -> Invocation {
        if let Some(file) = &self.netrc {
            invocation = invocation.env("NETRC", file.as_str());
        }
        if let Some(file) = &self.channels {
            invocation = invocation.env("RATTLER_AUTH_FILE", file.as_str());
        }
        if self.git.is_empty() {
            return invocation;
        }
        let count = self.git_settings + self.git.len();
        let settings = (self.git_settings..).zip(&self.git);
        settings.fold(invocation.env("GIT_CONFIG_COUNT", count.to_string()), |invocation, (number, (name, value))| {
            let invocation = invocation.env(format!("GIT_CONFIG_KEY_{number}"), name);
            invocation.secret_env(format!("GIT_CONFIG_VALUE_{number}"), value.clone())
        })
    }
}

impl Drop for LentLogins {
    fn drop(&mut self) {
        for (name, lent) in [(Self::NETRC, &self.netrc), (Self::CHANNELS, &self.channels)] {
            if lent.is_some() {
                // The next loan overwrites what cannot be removed.
                _ = self.scratch.remove(name);
            }
        }
    }
}
