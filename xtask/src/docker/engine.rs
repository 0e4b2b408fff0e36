//! Whether Docker is there, and what it can do.

use std::fmt;

use crate::process::{Invocation, Reading, Runner};

/// The oldest engine that the Dockerfile is written for.
const OLDEST: (u32, u32) = (20, 10);

/// A Docker daemon that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Docker {
    /// The daemon's version.
    pub version: String,
}

/// Why Docker cannot be used, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// No `docker` in `PATH`.
    NoClient,
    /// The client is there, and nothing answers it.
    NoDaemon(String),
    /// The daemon's socket is not for this user.
    NoPermission,
    /// The daemon is older than what is asked for here.
    TooOld(String),
    /// The client has no such plugin, or one that does not start.
    NoPlugin(Plugin),
    /// The plugin is older than what is asked for here.
    PluginTooOld(Plugin, String),
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClient => write!(f, "Docker is not installed (https://docs.docker.com/engine/install/)"),
            Self::NoDaemon(said) => {
                write!(
                    f,
                    "the Docker daemon does not answer ({said}); start it, for example with `sudo systemctl start docker`"
                )
            }
            Self::NoPermission => write!(
                f,
                "you may not use the Docker daemon; `sudo usermod -aG docker $USER` and a new login change that"
            ),
            Self::TooOld(version) => {
                write!(f, "Docker {version} is too old: {}.{} or newer is needed", OLDEST.0, OLDEST.1)
            }
            Self::PluginTooOld(plugin, version) => {
                let (major, minor) = plugin.oldest();
                write!(
                    f,
                    "Docker's plugin `{}` {version} is too old: {major}.{minor} or newer is needed",
                    plugin.name()
                )
            }
            Self::NoPlugin(plugin) => write!(
                f,
                "Docker has no working `{name}` plugin; install it (Debian 13, Ubuntu: `sudo apt-get install docker-{name}`, \
                 with Docker's own packages: `docker-{name}-plugin`)",
                name = plugin.name()
            ),
        }
    }
}

impl std::error::Error for Unavailable {}

impl Docker {
    /// Asks the daemon for its version.
    pub fn probe(runner: &Runner) -> Result<Self, Unavailable> {
        let query = Invocation::new("docker").args(["version", "--format", "{{json .}}"]);
        match runner.read(&query) {
            Ok(reading) => Self::judge(&reading),
            Err(_) => Err(Unavailable::NoClient),
        }
    }

    fn judge(reading: &Reading) -> Result<Self, Unavailable> {
        // An unreachable daemon is told from a reachable one by the answer's `Server`, not by the exit code alone.
        let answer: Option<serde_json::Value> = serde_json::from_str(&reading.stdout).ok();
        let version = answer.as_ref().and_then(|it| it["Server"]["Version"].as_str());
        let Some(version) = version.filter(|_| reading.exit.success()) else {
            let said = reading.stderr.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
            return Err(if said.contains("permission denied") {
                Unavailable::NoPermission
            } else {
                Unavailable::NoDaemon(said.trim_end_matches('.').to_owned())
            });
        };
        let version = version.to_owned();
        if is_at_least(&version, OLDEST) { Ok(Self { version }) } else { Err(Unavailable::TooOld(version)) }
    }
}

/// A plugin of the `docker` client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plugin {
    /// Builds images: `docker build` itself has neither cache mounts nor secrets on every engine.
    Buildx,
    /// Reads compose files.
    Compose,
}

impl Plugin {
    fn name(self) -> &'static str {
        match self {
            Self::Buildx => "buildx",
            Self::Compose => "compose",
        }
    }

    /// The oldest version that has what is used here: major and minor number.
    fn oldest(self) -> (u32, u32) {
        match self {
            Self::Buildx => (0, 8),
            Self::Compose => (2, 0),
        }
    }

    /// `Err` unless the plugin is there, works and is new enough.
    pub fn require(self, runner: &Runner) -> Result<(), Unavailable> {
        let reading = runner.read(&Invocation::new("docker").args([self.name(), "version"]));
        self.judge(reading.ok().filter(|it| it.exit.success()).ok_or(Unavailable::NoPlugin(self))?.stdout.as_str())
    }

    /// Both print their version as a word of a sentence. One that was built by hand may have none, and is believed.
    fn judge(self, said: &str) -> Result<(), Unavailable> {
        let is_version = |it: &&str| it.starts_with(|it: char| it.is_ascii_digit()) && it.contains('.');
        match said.split_whitespace().map(|it| it.trim_start_matches('v')).find(is_version) {
            Some(version) if !is_at_least(version, self.oldest()) => {
                Err(Unavailable::PluginTooOld(self, version.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

fn is_at_least(version: &str, (major, minor): (u32, u32)) -> bool {
    let mut numbers = version.split(['.', '-', '+']).map_while(|it| it.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    found >= (major, minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Exit;

    fn judged(code: u8, stdout: &str, stderr: &str) -> Result<Docker, Unavailable> {
        Docker::judge(&Reading { exit: Exit::Code(code), stdout: stdout.into(), stderr: stderr.into() })
    }

    #[test]
    fn a_daemon_is_there_when_it_gives_its_version() {
        let answer = r#"{"Client":{"Version":"28.2.2"},"Server":{"Version":"20.10.24+dfsg1"}}"#;
        assert_eq!(judged(0, answer, "").unwrap().version, "20.10.24+dfsg1");
    }

    #[test]
    fn what_is_missing_is_told_apart() {
        let client_only = r#"{"Client":{"Version":"28.2.2"},"Server":null}"#;
        let refused =
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
        assert_eq!(judged(1, client_only, refused), Err(Unavailable::NoPermission));
        let down = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
        assert_eq!(judged(1, client_only, down), Err(Unavailable::NoDaemon(down.to_owned())));
        let old = r#"{"Client":{"Version":"19.03.1"},"Server":{"Version":"19.03.15"}}"#;
        assert_eq!(judged(0, old, ""), Err(Unavailable::TooOld("19.03.15".to_owned())));
    }

    #[test]
    fn plugins_are_believed_unless_they_say_that_they_are_old() {
        assert_eq!(Plugin::Buildx.judge("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3"), Ok(()));
        assert_eq!(Plugin::Buildx.judge("github.com/docker/buildx (devel)"), Ok(()));
        assert_eq!(Plugin::Compose.judge("Docker Compose version v2.26.1-4"), Ok(()));
        let old =
            Plugin::Buildx.judge("github.com/docker/buildx v0.5.1-docker 11057da37336192bfc57d81e02359ba7ba848e4a");
        assert_eq!(old, Err(Unavailable::PluginTooOld(Plugin::Buildx, "0.5.1-docker".to_owned())));
        assert!(Plugin::Compose.judge("docker-compose version 1.29.2, build unknown").is_err());
    }
}
