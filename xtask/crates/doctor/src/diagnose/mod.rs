//! Turns facts into verdicts: pure functions, one subject a file.

mod accelerators;
mod builders;
mod docker;
#[cfg(test)]
mod fixtures;
mod main_job;
mod network;
mod storage;
mod tools;

use super::{
    diagnosis::{Diagnosis, DoctorReport},
    facts::MachineFacts,
};

/// For messages.
const SETTINGS: &str = "installation/docker-amd64/.env";

/// Diagnoses every fact, in the order in which they are shown.
pub fn diagnose(facts: &MachineFacts) -> DoctorReport {
    let subjects: [fn(&MachineFacts) -> Vec<Diagnosis>; 7] = [
        tools::system,
        docker::diagnose,
        storage::diagnose,
        builders::diagnose,
        accelerators::diagnose,
        tools::diagnose,
        network::diagnose,
    ];
    main_job::report(facts, subjects.iter().flat_map(|it| it(facts)).collect())
}
