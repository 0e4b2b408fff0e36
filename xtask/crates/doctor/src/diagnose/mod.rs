//! Turns facts into verdicts: pure functions, one subject a file.

mod accelerators;
mod builders;
mod docker;
#[cfg(test)]
mod fixtures;
mod main_job;
mod network;
mod podman;
mod storage;
mod tools;

use project::EngineChoice;

use super::{
    diagnosis::{Diagnosis, DoctorReport},
    facts::MachineFacts,
};

/// For messages.
const SETTINGS: &str = "installation/docker-amd64/.env";

/// What runs containers, with these settings.
fn containers(facts: &MachineFacts) -> Vec<Diagnosis> {
    if facts.needs.engine == EngineChoice::Podman { podman::diagnose(facts) } else { docker::diagnose(facts) }
}

/// Diagnoses every fact, in the order in which they are shown.
pub fn diagnose(facts: &MachineFacts) -> DoctorReport {
    let subjects: [fn(&MachineFacts) -> Vec<Diagnosis>; 7] = [
        tools::system,
        containers,
        storage::diagnose,
        builders::diagnose,
        accelerators::diagnose,
        tools::diagnose,
        network::diagnose,
    ];
    main_job::report(facts, subjects.iter().flat_map(|it| it(facts)).collect())
}
