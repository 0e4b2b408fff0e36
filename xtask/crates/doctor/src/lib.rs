//! What this machine has of what the main job needs: read in one place, judged by pure functions.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod diagnosis;
mod facts;
mod judge;
mod network;
mod probe;
mod reach;
mod wishes;

pub use diagnosis::DoctorReport;

use anyhow::Result;

use project::Context;

/// Reads the facts and judges them. Changes nothing, and takes no longer than a few seconds, whatever hangs.
pub fn report(cx: &Context) -> Result<DoctorReport> {
    Ok(judge::judge(&probe::facts(cx)?))
}
