//! The plugins of the client that are used here.

use process::{Invocation, QueryOutput, Runner};

use super::{Unavailable, engine::is_at_least};

/// A plugin of the `docker` client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plugin {
    /// Builds images: `docker build` itself has neither cache mounts nor secrets on every engine.
    Buildx,
    /// Reads compose files.
    Compose,
}

impl Plugin {
    /// The word by which the client knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buildx => "buildx",
            Self::Compose => "compose",
        }
    }

    /// The oldest version that has what is used here: major and minor number.
    pub fn oldest(self) -> (u32, u32) {
        match self {
            Self::Buildx => (0, 8),
            Self::Compose => (2, 0),
        }
    }

    /// Asks it for its version.
    pub fn query(self) -> Invocation {
        Invocation::new("docker").args([self.name(), "version"])
    }

    /// `Err` unless the plugin is there, works and is new enough.
    pub fn require(self, runner: &Runner) -> Result<(), Unavailable> {
        self.judge(runner.read(&self.query()).ok().as_ref()).map(drop)
    }

    /// Its version, from its answer. Both print it as a word of a sentence. One that was built by hand may have none, and
    /// is believed.
    pub fn judge(self, answer: Option<&QueryOutput>) -> Result<String, Unavailable> {
        let said = answer.filter(|it| it.exit.success()).ok_or(Unavailable::NoPlugin(self))?.stdout.as_str();
        let is_version = |it: &&str| it.starts_with(|it: char| it.is_ascii_digit()) && it.contains('.');
        match said.split_whitespace().map(|it| it.trim_start_matches('v')).find(is_version) {
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

    fn judged(plugin: Plugin, stdout: &str) -> Result<String, Unavailable> {
        plugin.judge(Some(&QueryOutput { exit: Exit::SUCCESS, stdout: stdout.into(), stderr: String::new() }))
    }

    #[test]
    fn plugins_are_believed_unless_they_say_that_they_are_old() {
        let buildx = |said| judged(Plugin::Buildx, said);
        assert_eq!(buildx("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3").unwrap(), "0.13.1+ds1");
        assert!(buildx("github.com/docker/buildx (devel)").is_ok());
        assert_eq!(judged(Plugin::Compose, "Docker Compose version v2.26.1-4").unwrap(), "2.26.1-4");
        let old = buildx("github.com/docker/buildx v0.5.1-docker 11057da37336192bfc57d81e02359ba7ba848e4a");
        assert_eq!(old, Err(Unavailable::PluginTooOld(Plugin::Buildx, "0.5.1-docker".to_owned())));
        assert!(judged(Plugin::Compose, "docker-compose version 1.29.2, build unknown").is_err());
        assert_eq!(Plugin::Buildx.judge(None), Err(Unavailable::NoPlugin(Plugin::Buildx)));
    }
}
