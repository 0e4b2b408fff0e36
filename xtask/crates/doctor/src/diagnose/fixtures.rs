//! Machines for the tests: recorded answers of one, and what others would answer.

use std::path::Path;

use docker::Endpoint;
use process::{Exit, QueryOutput};
use project::system::{System, SystemFacts};

use crate::{
    diagnosis::{Diagnosis, FactState},
    facts::{Devices, MachineFacts, ProgramAnswer},
    needs::MachineNeeds,
};

/// The text of `crates/docker/tests/data/doctor/NAME`.
pub fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/tests/data/doctor").join(name);
    std::fs::read_to_string(path).unwrap()
}

pub fn succeeded(text: impl Into<String>) -> ProgramAnswer {
    ProgramAnswer::Ended(QueryOutput { exit: Exit::SUCCESS, stdout: text.into(), stderr: String::new() })
}

pub fn failed(stderr: &str) -> ProgramAnswer {
    ProgramAnswer::Ended(QueryOutput { exit: Exit::Code(1), stdout: String::new(), stderr: stderr.to_owned() })
}

/// Debian 12 with its own Docker, without any problem.
pub fn debian12() -> MachineFacts {
    let os_release = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n";
    MachineFacts {
        system: System::new(&SystemFacts { os: "linux", os_release, has_systemd: true, ..SystemFacts::default() }),
        needs: MachineNeeds {
            uid: Some(1000),
            runtime_image: Some("me/project:runtime".to_owned()),
            ..MachineNeeds::by_default()
        },
        endpoint: Endpoint::new("default unix:///var/run/docker.sock", None),
        version: succeeded(data("version-debian12.json")),
        podman: ProgramAnswer::NotFound,
        info: succeeded(data("info-debian12.json")),
        buildx: succeeded("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3\n"),
        compose: succeeded("Docker Compose version 2.26.1-4\n"),
        builders: succeeded(data("buildx-ls.json")),
        disk: Some(succeeded(data("df.txt"))),
        repository: "/home/ada/study".into(),
        repository_disk: succeeded(data("df.txt")),
        local_images: vec!["ubuntu:24.04".to_owned()],
        git: succeeded("git version 2.39.5\n"),
        uv: succeeded("uv 0.13.9\n"),
        pip: succeeded("pip 23.0.1 from /usr/lib/python3/dist-packages/pip (python 3.11)\n"),
        python: succeeded("Python 3.11.2\n"),
        devices: Devices::default(),
        nvidia: [ProgramAnswer::NotFound, ProgramAnswer::NotFound],
        torch: ProgramAnswer::NotFound,
        emulators: Vec::new(),
        proxy: None,
        proxy_variables: Vec::new(),
        bundles: Vec::new(),
        registries: Vec::new(),
    }
}

/// The same machine with the recorded `docker info` of another one.
pub fn with_info(name: &str) -> MachineFacts {
    MachineFacts { info: succeeded(data(name)), ..debian12() }
}

/// State, text and fix of one fact.
#[track_caller]
pub fn about(diagnoses: &[Diagnosis], fact: &str) -> (FactState, String, String) {
    let found = diagnoses.iter().find(|it| it.fact == fact);
    let it = found.unwrap_or_else(|| panic!("no {fact} in {diagnoses:#?}"));
    (it.state, it.text.clone(), it.fix.clone().unwrap_or_default())
}
