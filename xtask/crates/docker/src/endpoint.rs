//! The address at which the client looks for the daemon.

use process::Invocation;
use project::system::System;

/// The address of the daemon, and who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address, such as `unix:///var/run/docker.sock`.
    pub address: String,
    /// The name of the client's context.
    context: String,
    /// Whether `DOCKER_HOST` names the address, which overrides the context.
    is_from_docker_host: bool,
}

/// The client's default.
///
/// <https://docs.docker.com/reference/cli/docker/#environment-variables>
const DEFAULT: &str = "unix:///var/run/docker.sock";

impl Endpoint {
    /// Asks the client, which needs no daemon to answer.
    pub fn query() -> Invocation {
        Invocation::new("docker").args(["context", "inspect", "--format", "{{.Name}} {{.Endpoints.docker.Host}}"])
    }

    /// Parses the client's answer. `docker_host` is the variable `DOCKER_HOST`. Without either, the client's default.
    pub fn new(answer: &str, docker_host: Option<&str>) -> Self {
        let (context, address) = answer.trim().split_once(' ').unwrap_or(("default", DEFAULT));
        Self {
            address: docker_host.unwrap_or(address).to_owned(),
            context: context.to_owned(),
            is_from_docker_host: docker_host.is_some(),
        }
    }

    /// Whether the address is a socket of this machine. A daemon elsewhere does not see the directories here.
    pub fn is_local(&self) -> bool {
        ["unix://", "npipe://", "fd://"].iter().any(|it| self.address.starts_with(it))
    }

    /// The command that goes back to the daemon of this machine.
    pub fn switch_to_local(&self) -> String {
        if self.is_from_docker_host { "unset DOCKER_HOST" } else { "docker context use default" }.to_owned()
    }

    /// The command that makes a daemon answer.
    pub fn start_daemon(&self, system: &System) -> String {
        let has = |part: &str| self.address.contains(part);
        if !self.is_local() {
            self.switch_to_local()
        } else if has("/.colima/") {
            "colima start".to_owned()
        } else if has("/.docker/desktop/") {
            "systemctl --user start docker-desktop".to_owned()
        } else if has("/run/user/") {
            "systemctl --user start docker".to_owned()
        } else {
            system.start_docker()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use project::system::SystemFacts;

    fn start(answer: &str, docker_host: Option<&str>) -> String {
        let facts = SystemFacts { os: "linux", has_systemd: true, ..SystemFacts::default() };
        Endpoint::new(answer, docker_host).start_daemon(&System::new(&facts))
    }

    #[test]
    fn the_daemon_that_is_started_is_the_one_that_is_looked_for() {
        assert_eq!(start("default unix:///var/run/docker.sock\n", None), "sudo systemctl start docker");
        assert_eq!(start("", None), "sudo systemctl start docker");
        assert_eq!(start("rootless unix:///run/user/1000/docker.sock", None), "systemctl --user start docker");
        assert_eq!(start("colima unix:///Users/me/.colima/default/docker.sock", None), "colima start");
        assert_eq!(start("lab ssh://me@server.example.org", None), "docker context use default");
        assert_eq!(start("default tcp://127.0.0.1:1", Some("tcp://127.0.0.1:1")), "unset DOCKER_HOST");
    }
}
