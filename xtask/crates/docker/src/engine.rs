//! Whether a Docker daemon answers that is new enough.

use process::{Invocation, QueryOutput, Runner};

use super::Unavailable;

/// A Docker daemon that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Docker {
    pub version: String,
}

impl Docker {
    /// The oldest engine that the Dockerfile is written for: major and minor number.
    pub(super) const OLDEST: (u32, u32) = (20, 10);

    /// Asks the client for its version and the daemon's.
    pub fn query() -> Invocation {
        Invocation::new("docker").args(["version", "--format", "{{json .}}"])
    }

    /// Asks whether there is a daemon that can be used.
    pub fn probe(runner: &Runner) -> Result<Self, Unavailable> {
        match runner.read(&Self::query()) {
            Ok(output) => Self::parse(&output),
            Err(_) => Err(Unavailable::NoClient),
        }
    }

    /// Parses the answer to [`query`](Self::query).
    pub fn parse(output: &QueryOutput) -> Result<Self, Unavailable> {
        // Some clients succeed without a daemon: only `Server` in the answer says that one was reached.
        let answer: Option<serde_json::Value> = serde_json::from_str(&output.stdout).ok();
        let version = answer.as_ref().and_then(|it| it["Server"]["Version"].as_str());
        let Some(version) = version.filter(|_| output.exit.success()) else {
            let reason = output.stderr.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
            return Err(if reason.contains("permission denied") {
                Unavailable::NoPermission
            } else {
                Unavailable::NoDaemon(reason.trim_end_matches('.').to_owned())
            });
        };
        let version = version.to_owned();
        if is_at_least(&version, Self::OLDEST) { Ok(Self { version }) } else { Err(Unavailable::TooOld(version)) }
    }
}

/// Whether a version is not older than a major and minor number. A part that is not a number counts as 0.
pub(super) fn is_at_least(version: &str, (major, minor): (u32, u32)) -> bool {
    let mut numbers = version.split(['.', '-', '+']).map_while(|it| it.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    found >= (major, minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::Exit;

    fn parse(code: u8, stdout: &str, stderr: &str) -> Result<Docker, Unavailable> {
        Docker::parse(&QueryOutput { exit: Exit::Code(code), stdout: stdout.into(), stderr: stderr.into() })
    }

    #[test]
    fn a_daemon_answers_when_it_gives_its_version() {
        let answer = r#"{"Client":{"Version":"28.2.2"},"Server":{"Version":"20.10.24+dfsg1"}}"#;
        assert_eq!(parse(0, answer, "").unwrap().version, "20.10.24+dfsg1");
    }

    #[test]
    fn what_is_missing_is_distinguished() {
        let client_only = r#"{"Client":{"Version":"28.2.2"},"Server":null}"#;
        let refused =
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
        assert_eq!(parse(1, client_only, refused), Err(Unavailable::NoPermission));
        let down = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
        assert_eq!(parse(1, client_only, down), Err(Unavailable::NoDaemon(down.to_owned())));
        let old = r#"{"Client":{"Version":"19.03.1"},"Server":{"Version":"19.03.15"}}"#;
        assert_eq!(parse(0, old, ""), Err(Unavailable::TooOld("19.03.15".to_owned())));
    }
}
