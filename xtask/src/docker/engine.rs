//! Whether Docker is there, and what it can do.

use std::fmt;

use serde::Deserialize;

use crate::process::{Invocation, ProcessError, Reading, Runner};

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
    /// The client has no such plugin.
    NoPlugin(&'static str),
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
            Self::NoPlugin(name) => write!(
                f,
                "Docker has no working `{name}` plugin; install it (Debian 13, Ubuntu: `sudo apt-get install docker-{name}`, \
                 with Docker's own packages: `docker-{name}-plugin`)"
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
            Err(ProcessError::NotStarted { .. } | ProcessError::Failed { .. }) => Err(Unavailable::NoClient),
        }
    }

    fn judge(reading: &Reading) -> Result<Self, Unavailable> {
        // An unreachable daemon is told from a reachable one by the answer's `Server`, not by the exit code alone.
        let answer: Option<Answer> = serde_json::from_str(&reading.stdout).ok();
        let Some(Server { version }) = answer.and_then(|it| it.server).filter(|_| reading.exit.success()) else {
            let said = reading.stderr.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
            return Err(if said.contains("permission denied") {
                Unavailable::NoPermission
            } else {
                Unavailable::NoDaemon(said.trim_end_matches('.').to_owned())
            });
        };
        if is_at_least(&version, OLDEST) { Ok(Self { version }) } else { Err(Unavailable::TooOld(version)) }
    }
}

/// `Err` unless a plugin of the client works.
pub fn require_plugin(runner: &Runner, name: &'static str) -> Result<(), Unavailable> {
    match runner.read(&Invocation::new("docker").args([name, "version"])) {
        Ok(reading) if reading.exit.success() => Ok(()),
        _ => Err(Unavailable::NoPlugin(name)),
    }
}

fn is_at_least(version: &str, (major, minor): (u32, u32)) -> bool {
    let mut numbers = version.split(['.', '-', '+']).map_while(|it| it.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    found >= (major, minor)
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Server")]
    server: Option<Server>,
}

#[derive(Deserialize)]
struct Server {
    #[serde(rename = "Version")]
    version: String,
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
}
