//! podman in Docker's place: what is asked of `docker`, in podman's words, and what it answers, in Docker's. Nobody else knows
//! which of the two there is, save for what podman cannot do: [`Capability`].
//!
//! Written for podman 4.3.1 and buildah 1.28.2, which Debian 12 has; what is noted here was seen with these.

mod answer;
mod build;
mod capability;
mod format;
mod options;
mod run;

use process::{Dialect, Invocation, QueryOutput, Runner};

pub use capability::{Ability, Capability};

use super::{Unavailable, engine::is_at_least};

/// The program that is asked, whoever makes the request.
const DOCKER: &str = "docker";

/// podman, as one of the two kinds of users starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Podman {
    /// Whether an ordinary user starts it: containers are then in a namespace of users of their own.
    is_rootless: bool,
}

/// The commands that podman takes as Docker does, or that are put into its words here.
const SHARED: [&str; 16] = [
    "container",
    "exec",
    "history",
    "image",
    "load",
    "logs",
    "ps",
    "pull",
    "push",
    "rm",
    "save",
    "start",
    "stop",
    "tag",
    "unpause",
    "wait",
];

impl Podman {
    /// The oldest podman that works: major and minor number.
    pub(super) const OLDEST: (u32, u32) = (4, 3);

    /// Started by root: users have the numbers that they have outside.
    pub const ROOTFUL: &Self = &Self { is_rootless: false };
    /// Started by an ordinary user, who needs `keep-id` for the same.
    pub const ROOTLESS: &Self = &Self { is_rootless: true };

    /// Asks for the version. It also makes podman open its store, which fails where it cannot work at all.
    pub fn query() -> Invocation {
        Invocation::new("podman").args(["info", "--format", "{{.Version.Version}}"])
    }

    /// The version, where podman works and is new enough.
    pub fn probe(runner: &Runner) -> Result<String, Unavailable> {
        runner.read(&Self::query()).map_err(|_| Unavailable::NoPodman).and_then(|it| Self::parse(&it))
    }

    /// Parses the answer to [`query`](Self::query).
    pub fn parse(answer: &QueryOutput) -> Result<String, Unavailable> {
        if !answer.exit.success() {
            let reason = answer.stderr.lines().map(str::trim).rfind(|it| !it.is_empty()).unwrap_or("no reason given");
            return Err(Unavailable::PodmanFails(reason.trim_start_matches("Error: ").to_owned()));
        }
        let version = answer.stdout.trim().to_owned();
        if is_at_least(&version, Self::OLDEST) { Ok(version) } else { Err(Unavailable::PodmanTooOld(version)) }
    }

    /// The Dockerfile to give podman, of that for Docker.
    pub fn dockerfile(text: &str) -> String {
        build::dockerfile(text)
    }

    fn arguments(self, asked: &[&str]) -> Result<Vec<String>, Capability> {
        match asked {
            ["buildx", "build", options @ ..] => build::arguments(options),
            ["buildx", "imagetools", ..] => Err(Capability::RegistryQueries),
            ["buildx", "du" | "prune", ..] | ["system", ..] => Err(Capability::BuildCacheRecords),
            ["buildx" | "context", ..] => Err(Capability::Builders),
            ["compose", ..] => Err(Capability::Compose),
            ["info", ..] => Ok(["info", "--format", format::INFO].map(str::to_owned).into()),
            ["run", options @ ..] => Ok(run::arguments(options, self.is_rootless)),
            ["push" | "pull", ..] => Ok(transfer(asked)),
            [command, ..] if SHARED.contains(command) => Ok(format::translated(asked)),
            _ => Err(Capability::Others),
        }
    }
}

/// Docker speaks plain HTTP with a registry of this machine; podman has to be told.
fn transfer(asked: &[&str]) -> Vec<String> {
    let host = asked.last().and_then(|it| it.split_once('/')).map_or("", |it| it.0);
    let host = host.split(':').next().unwrap_or_default();
    let is_here = host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|it| it.is_loopback());
    let (command, rest) = asked.split_at(1);
    let plain = is_here.then_some("--tls-verify=false");
    command.iter().copied().chain(plain).chain(rest.iter().copied()).map(str::to_owned).collect()
}

impl Dialect for Podman {
    fn translate(&self, invocation: &Invocation) -> Result<Option<Invocation>, String> {
        if invocation.program() != DOCKER {
            return Ok(None);
        }
        let asked: Vec<&str> = invocation.arguments().iter().map(String::as_str).collect();
        match self.arguments(&asked) {
            Ok(arguments) => Ok(Some(invocation.for_program("podman", arguments))),
            Err(missing) => Err(missing.limit()),
        }
    }

    fn answer(&self, asked: &Invocation, answer: String) -> String {
        if asked.program() == DOCKER { answer::translated(asked.arguments(), answer) } else { answer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(asked: &str) -> Result<String, String> {
        let asked = shlex::split(asked).unwrap();
        let invocation = Invocation::new("docker").args(asked);
        Podman::ROOTFUL.translate(&invocation).map(|it| it.unwrap().to_string())
    }

    #[test]
    fn what_both_know_alike_is_passed_on() {
        assert_eq!(said("rm --force --volumes 12").unwrap(), "podman rm --force --volumes 12");
        assert_eq!(
            said("exec --interactive 12 sh -c 'docker x'").unwrap(),
            "podman exec --interactive 12 sh -c 'docker x'"
        );
        assert_eq!(Podman::ROOTFUL.translate(&Invocation::new("git").arg("docker")), Ok(None));
    }

    #[test]
    fn a_registry_of_this_machine_may_speak_plain_http_and_no_other() {
        assert_eq!(said("push 127.0.0.1:5000/a:b").unwrap(), "podman push '--tls-verify=false' 127.0.0.1:5000/a:b");
        assert!(said("pull --platform linux/amd64 localhost/a").unwrap().contains("'--tls-verify=false' --platform"));
        assert_eq!(said("push 127.example.org/a:b").unwrap(), "podman push 127.example.org/a:b");
        assert_eq!(said("push example.org/127.0.0.1/a:b").unwrap(), "podman push example.org/127.0.0.1/a:b");
    }

    #[test]
    fn what_podman_lacks_is_refused_with_the_reason() {
        for (asked, word) in [
            ("buildx bake --file x", "builders"),
            ("buildx imagetools create --tag a b", "registry"),
            ("system df --verbose", "records"),
            ("compose up", "compose"),
            ("swarm init", "podman"),
        ] {
            let why = said(asked).unwrap_err();
            assert!(why.contains(word), "{asked}: {why}");
        }
    }
}
