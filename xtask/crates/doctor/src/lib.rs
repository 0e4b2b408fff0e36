//! `doctor`: reads what this machine has (probe), compares it with what the project needs (needs) and names the command for
//! each thing that is missing (diagnose, pure functions with one subject a file). It repairs nothing itself. A cluster is asked by its
//! own client (site).

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod diagnose;
mod diagnosis;
mod facts;
mod needs;
mod network;
mod probe;
mod reach;
mod site;

pub use diagnosis::{DoctorReport, SiteReport};
pub use site::site_report;

use anyhow::Result;

use project::Context;

/// Reads the facts and diagnoses them. Changes nothing, and takes only a few seconds, whatever hangs. The only error is Ctrl-C.
pub fn report(cx: &Context) -> Result<DoctorReport> {
    Ok(diagnose::diagnose(&probe::read_facts(cx)?))
}
