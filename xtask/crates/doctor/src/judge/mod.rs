//! What is thought of the facts, one subject a file: pure functions of what was read.

mod accelerators;
mod builders;
mod docker;
mod main_job;
mod network;
#[cfg(test)]
mod recorded;
mod storage;
mod tools;

use super::{
    diagnosis::{Diagnosis, DoctorReport},
    facts::MachineFacts,
};

/// The settings file, as messages name it.
const SETTINGS: &str = "installation/docker-amd64/.env";

/// Judges every fact, in the order in which they are shown.
pub fn judge(facts: &MachineFacts) -> DoctorReport {
    let subjects: [fn(&MachineFacts) -> Vec<Diagnosis>; 7] = [
        tools::system,
        docker::judge,
        storage::judge,
        builders::judge,
        accelerators::judge,
        tools::judge,
        network::judge,
    ];
    main_job::report(facts, subjects.iter().flat_map(|it| it(facts)).collect())
}
