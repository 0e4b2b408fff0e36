//! The benchmark of an environment of gigabytes: torch's, or a part of it.

mod disk;
mod memory;
mod pushed;
mod room;
mod wheels;

use anyhow::Result;

use images::size::Bytes;
use inputs::Project;
use process::Outcome;

use super::{
    case::MeasuredCase,
    catalogue::{DISK_AFTER_EDITS, LARGE, PEAK_MEMORY, PUSHED_BYTES},
    machine,
    measuring::{Measuring, lock},
    report,
    timing::Rounds,
    trial::{Scale, Trial, Workload},
};
use wheels::LargeEnvironment;

/// Without a warm-up, because the caches are warm and a round takes minutes.
const ROUNDS: Rounds = Rounds { has_warm_up: false, count: 3 };
/// With `--quick`.
const QUICK_ROUNDS: Rounds = Rounds { has_warm_up: false, count: 1 };

/// Measures an environment of about a size, or all of torch's, and writes that part of `benchmarks/results.md`.
pub fn run_large(project: &Project, size: Option<Bytes>, is_quick: bool) -> Result<Outcome> {
    let cx = project.cx;
    containers::require_docker(project, "bench")?;
    let environment = LargeEnvironment::fitting(size)?;
    room::require(cx, environment.installed())?;
    let _lock = lock(cx)?;
    let rounds = if is_quick { QUICK_ROUNDS } else { ROUNDS };
    let mut facts = machine::describe(cx);
    facts.push(("Packages", environment.describe()));
    facts.push(("Rounds", format!("{}; the figures of bytes are of one", rounds.count)));
    let workload = Workload {
        environment_yml: environment.environment_yml(),
        requirements: environment.requirements(),
        scale: Scale::Large,
    };
    let trial = Trial::prepare(project, workload)?;
    let mut measuring = Measuring::new(cx, report::LARGE, facts);
    for timing in LARGE {
        measuring.add(timing.case.name, || Ok(timing.measure(cx, &trial, rounds)?.into_iter().collect()))?;
    }
    let one = |it: Result<Option<MeasuredCase>>| Ok(it?.into_iter().collect());
    measuring.add(PUSHED_BYTES.name, || one(pushed::measure(cx, &trial)))?;
    measuring.add(PEAK_MEMORY.name, || one(memory::measure(cx, &trial)))?;
    // The last, because it takes away what the others start from.
    measuring.add(DISK_AFTER_EDITS.name, || one(disk::measure(cx, &trial)))?;
    measuring.finish()
}
