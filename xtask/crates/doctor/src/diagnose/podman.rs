//! podman, in Docker's place with `ENGINE=podman`.

use docker::{Podman, Unavailable};
use inputs::Engine;

use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, ProgramAnswer},
};

const FACT: &str = "podman";

/// Whether podman works, and which it is.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    let version = match &facts.podman {
        ProgramAnswer::NotFound => Err(Unavailable::NoPodman),
        ProgramAnswer::TimedOut(limit) => {
            Err(Unavailable::PodmanFails(format!("no answer within {} s", limit.as_secs_f64())))
        }
        ProgramAnswer::Ended(answer) => Podman::parse(answer),
    };
    vec![match version {
        Ok(version) => Diagnosis::ok(FACT, version),
        Err(why) => {
            let fix = why.fix(&facts.system, &facts.endpoint);
            Diagnosis::missing(FACT, why.to_string(), fix).needed_by(Engine::Podman)
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{debian12, failed, succeeded};
    use super::*;

    fn about(podman: ProgramAnswer) -> Diagnosis {
        diagnose(&MachineFacts { podman, ..debian12() }).remove(0)
    }

    #[test]
    fn podman_is_shown_with_its_version_or_with_what_helps() {
        assert_eq!(about(succeeded("4.3.1\n")), Diagnosis::ok("podman", "4.3.1"));
        let missing = about(ProgramAnswer::NotFound);
        assert!(missing.blocks(&Engine::Podman) && !missing.blocks(&Engine::Docker));
        assert_eq!(missing.fix.unwrap(), "sudo apt-get install podman uidmap slirp4netns");
        assert_eq!(about(succeeded("3.0.1\n")).text, "podman 3.0.1 is too old: 4.3 or newer is needed");
        assert_eq!(about(failed("Error: no subuid ranges found")).text, "podman does not work: no subuid ranges found");
    }
}
