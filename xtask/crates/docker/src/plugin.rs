//! The plugins of the `docker` client.

use process::{Invocation, QueryOutput, Runner};

use super::{Unavailable, engine::is_at_least};

/// A plugin that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plugin {
    /// Builds images: `docker build` itself has neither cache mounts nor secrets on every engine.
    Buildx,
    /// Reads compose files.
    Compose,
}

impl Plugin {
    /// The plugin's name in the client's command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buildx => "buildx",
            Self::Compose => "compose",
        }
    }

    /// The oldest version that has what is used here: major and minor number.
    pub(super) fn oldest(self) -> (u32, u32) {
        match self {
            Self::Buildx => (0, 8),
            Self::Compose => (2, 0),
        }
    }

    pub fn query(self) -> Invocation {
        Invocation::new("docker").args([self.name(), "version"])
    }

    /// Checks that the plugin is installed, works and is new enough.
    pub fn require(self, runner: &Runner) -> Result<(), Unavailable> {
        self.parse_version(runner.read(&self.query()).ok().as_ref()).map(drop)
    }

    /// The version in the answer to [`query`](Self::query), where both plugins print it as a word of a sentence. A plugin that
    /// was built by hand may have none, and counts as new enough.
    pub fn parse_version(self, answer: Option<&QueryOutput>) -> Result<String, Unavailable> {
        let output = answer.filter(|it| it.exit.success()).ok_or(Unavailable::NoPlugin(self))?.stdout.as_str();
        let is_version = |it: &&str| it.starts_with(|it: char| it.is_ascii_digit()) && it.contains('.');
        match output.split_whitespace().map(|it| it.trim_start_matches('v')).find(is_version) {
            Some(version) if !is_at_least(version, self.oldest()) => {
                Err(Unavailable::PluginTooOld(self, version.to_owned()))
            }
            Some(version) => Ok(version.to_owned()),
            None => Ok("of unknown version".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::Exit;

    fn version(plugin: Plugin, stdout: &str) -> Result<String, Unavailable> {
        plugin.parse_version(Some(&QueryOutput { exit: Exit::SUCCESS, stdout: stdout.into(), stderr: String::new() }))
    }

    #[test]
    fn a_plugin_is_new_enough_unless_it_says_otherwise() {
        let buildx = |output| version(Plugin::Buildx, output);
        assert_eq!(buildx("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3").unwrap(), "0.13.1+ds1");
        assert!(buildx("github.com/docker/buildx (devel)").is_ok());
        assert_eq!(version(Plugin::Compose, "Docker Compose version v2.26.1-4").unwrap(), "2.26.1-4");
        let old = buildx("github.com/docker/buildx v0.5.1-docker 11057da37336192bfc57d81e02359ba7ba848e4a");
        assert_eq!(old, Err(Unavailable::PluginTooOld(Plugin::Buildx, "0.5.1-docker".to_owned())));
        assert!(version(Plugin::Compose, "docker-compose version 1.29.2, build unknown").is_err());
        assert_eq!(Plugin::Buildx.parse_version(None), Err(Unavailable::NoPlugin(Plugin::Buildx)));
    }
}
