//! The client, the daemon and where it is, the plugins.

use serde_json::Value;

use docker::{DaemonInfo, Plugin, Unavailable};
use inputs::Engine;

use super::SETTINGS;
use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, ProgramAnswer},
};

/// Without a client there is only one line; without a daemon, what only a daemon knows is left out.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    if facts.version == ProgramAnswer::NotFound {
        return vec![unavailable(facts, "docker client", &Unavailable::NoClient).needed_by(Engine::Docker)];
    }
    let mut diagnoses = vec![client(facts)];
    match (facts.docker(), facts.info()) {
        (Err(why), _) => diagnoses.push(unavailable(facts, "docker daemon", &why).needed_by(Engine::Docker)),
        (Ok(docker), None) => {
            diagnoses.push(Diagnosis::ok("docker daemon", docker.version));
            let text = "`docker info` gives no answer, so this report is incomplete";
            diagnoses.push(Diagnosis::warning("daemon's details", text, "docker info"));
        }
        (Ok(docker), Some(info)) => {
            let text = format!("{} on {}", docker.version, info.operating_system);
            diagnoses.push(Diagnosis::ok("docker daemon", text));
            diagnoses.push(endpoint(facts, &info));
            diagnoses.extend(file_access(facts, &info));
        }
    }
    diagnoses.push(plugin(facts, Plugin::Buildx, "buildx", &facts.buildx).needed_by(Engine::Docker));
    diagnoses.push(plugin(facts, Plugin::Compose, "compose", &facts.compose).needed_by(Engine::Docker));
    diagnoses
}

/// In the words of the other verbs' errors.
fn unavailable(facts: &MachineFacts, fact: &'static str, why: &Unavailable) -> Diagnosis {
    Diagnosis::missing(fact, why.to_string(), why.fix(&facts.system, &facts.endpoint))
}

fn client(facts: &MachineFacts) -> Diagnosis {
    let answer = facts.version.output().and_then(|it| serde_json::from_str::<Value>(&it.stdout).ok());
    let version = answer.as_ref().and_then(|it| it["Client"]["Version"].as_str()).unwrap_or("of unknown version");
    Diagnosis::ok("docker client", version)
}

fn plugin(facts: &MachineFacts, plugin: Plugin, fact: &'static str, answer: &ProgramAnswer) -> Diagnosis {
    if let ProgramAnswer::TimedOut(limit) = answer {
        let text = format!("no answer within {} s", limit.as_secs_f64());
        return Diagnosis::warning(fact, text, plugin.query().to_string());
    }
    match plugin.parse_version(answer.output()) {
        Ok(version) => Diagnosis::ok(fact, version),
        Err(why) => unavailable(facts, fact, &why),
    }
}

/// Where the daemon is.
fn endpoint(facts: &MachineFacts, info: &DaemonInfo) -> Diagnosis {
    const FACT: &str = "docker endpoint";
    let endpoint = &facts.endpoint;
    if !endpoint.is_local() {
        let text = format!(
            "{}: containers on another machine see the directories of this one only where both have them at the same path",
            endpoint.address
        );
        return Diagnosis::warning(FACT, text, endpoint.switch_to_local());
    }
    let remark =
        if info.is_desktop() { ", Docker Desktop: only directories that it shares can be mounted" } else { "" };
    Diagnosis::ok(FACT, format!("{}{remark}", endpoint.address))
}

/// What restricts the access of containers to the files of this machine.
fn file_access(facts: &MachineFacts, info: &DaemonInfo) -> Vec<Diagnosis> {
    let mut diagnoses = Vec::new();
    if info.is_rootless() {
        let text = "on: files that containers write as user 0 are yours, all others are nobody's";
        diagnoses.push(match facts.needs.uid {
            Some(0) => Diagnosis::ok("rootless", text),
            _ => Diagnosis::warning("rootless", text, format!("set USRID=0 and GRPID=0 in {SETTINGS}")),
        });
    }
    if info.has_selinux() {
        let text = "on: compose.yaml has `label=disable`, so that containers may use your directories";
        diagnoses.push(Diagnosis::ok("SELinux", text));
    }
    diagnoses
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use docker::Endpoint;
    use process::{Exit, QueryOutput};

    use super::super::fixtures::{about, data, debian12, failed, succeeded, with_info};
    use super::*;
    use crate::{diagnosis::FactState, needs::MachineNeeds};

    #[test]
    fn an_engine_without_problems() {
        let diagnoses = diagnose(&debian12());
        assert!(diagnoses.iter().all(|it| it.state == FactState::Ok), "{diagnoses:#?}");
        let text = "20.10.24+dfsg1 on Debian GNU/Linux 12 (bookworm)".to_owned();
        assert_eq!(about(&diagnoses, "docker daemon").1, text);
        assert_eq!(about(&diagnoses, "docker client").1, "28.2.2");
        assert_eq!(about(&diagnoses, "buildx").1, "0.13.1+ds1");
    }

    #[test]
    fn without_a_client_there_is_one_line() {
        let diagnoses = diagnose(&MachineFacts { version: ProgramAnswer::NotFound, ..debian12() });
        assert_eq!(diagnoses.len(), 1);
        assert_eq!(about(&diagnoses, "docker client").0, FactState::Missing);
    }

    #[test]
    fn a_daemon_that_hangs_is_told_from_one_that_is_down_and_one_that_is_old() {
        let daemon = |version| about(&diagnose(&MachineFacts { version, ..debian12() }), "docker daemon");
        let (state, text, fix) = daemon(ProgramAnswer::TimedOut(Duration::from_secs(4)));
        assert_eq!((state, fix.as_str()), (FactState::Missing, "sudo systemctl start docker"));
        assert_eq!(text, "the Docker daemon does not answer: no answer within 4 s");
        let (_, text, fix) = daemon(failed("permission denied while trying to connect to the Docker daemon socket"));
        assert_eq!(text, "you have no permission to use the Docker daemon");
        assert_eq!(fix, "sudo usermod -aG docker $USER, then log in again");
        let (_, text, fix) = daemon(succeeded(data("version-debian12.json").replace("20.10.24+dfsg1", "19.03.15")));
        assert_eq!(text, "Docker 19.03.15 is too old: 20.10 or newer is needed");
        assert_eq!(fix, "curl -fsSL https://get.docker.com | sudo sh");
    }

    #[test]
    fn a_daemon_elsewhere_is_a_warning_and_its_silence_leads_back_here() {
        let endpoint = Endpoint::new("lab ssh://me@server.example.org", None);
        let diagnoses = diagnose(&MachineFacts { endpoint: endpoint.clone(), ..debian12() });
        let (state, text, fix) = about(&diagnoses, "docker endpoint");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "docker context use default"));
        assert!(text.starts_with("ssh://me@server.example.org: "), "{text}");
        let silent = MachineFacts { endpoint, version: ProgramAnswer::TimedOut(Duration::from_secs(4)), ..debian12() };
        assert_eq!(about(&diagnose(&silent), "docker daemon").2, "docker context use default");
    }

    #[test]
    fn desktop_rootless_and_selinux_each_have_their_hint() {
        let (state, text, _) = about(&diagnose(&with_info("info-desktop.json")), "docker endpoint");
        assert_eq!(state, FactState::Ok);
        assert!(text.contains("Docker Desktop"), "{text}");

        let rootless = with_info("info-rootless.json");
        let (state, _, fix) = about(&diagnose(&rootless), "rootless");
        assert_eq!((state, fix), (FactState::Warning, format!("set USRID=0 and GRPID=0 in {SETTINGS}")));
        let needs = MachineNeeds { uid: Some(0), ..rootless.needs.clone() };
        assert_eq!(about(&diagnose(&MachineFacts { needs, ..rootless }), "rootless").0, FactState::Ok);

        let (state, text, _) = about(&diagnose(&with_info("info-selinux.json")), "SELinux");
        assert_eq!(state, FactState::Ok);
        assert!(text.contains("label=disable"), "{text}");
    }

    #[test]
    fn plugins_are_needed_as_far_as_the_main_job_uses_them() {
        let diagnoses = diagnose(&MachineFacts {
            buildx: failed("no such command"),
            compose: ProgramAnswer::NotFound,
            ..debian12()
        });
        let blocking: Vec<&str> = diagnoses.iter().filter(|it| it.blocks(&Engine::Docker)).map(|it| it.fact).collect();
        assert_eq!(blocking, ["buildx", "compose"]);
        assert_eq!(about(&diagnoses, "compose").1, "Docker has no working `compose` plugin");
    }

    #[test]
    fn missing_details_are_reported_once() {
        let answer = QueryOutput { exit: Exit::Code(1), stdout: data("info-no-daemon.json"), stderr: String::new() };
        let diagnoses = diagnose(&MachineFacts { info: ProgramAnswer::Ended(answer), ..debian12() });
        assert_eq!(about(&diagnoses, "daemon's details").0, FactState::Warning);
        assert_eq!(about(&diagnoses, "docker daemon"), (FactState::Ok, "20.10.24+dfsg1".to_owned(), String::new()));
    }
}
