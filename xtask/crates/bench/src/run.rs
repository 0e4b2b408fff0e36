//! The benchmark of this project's own environment.

use anyhow::Result;

use inputs::Project;
use process::Outcome;

use super::{
    catalogue::{MAX_ROUNDS, SMALL},
    machine,
    measuring::{Measuring, lock},
    report, size,
    timing::Rounds,
    trial::{Trial, Workload},
};

/// After the warm-up.
const ROUNDS: usize = 5;
/// With `--quick`.
const QUICK_ROUNDS: usize = 2;
const _: () = assert!(ROUNDS <= MAX_ROUNDS);

/// Measures this project's environment and writes that part of `benchmarks/results.md`.
pub fn run(project: &Project, is_quick: bool) -> Result<Outcome> {
    let cx = project.cx;
    containers::require_docker(project, "bench")?;
    let _lock = lock(cx)?;
    let rounds = Rounds { has_warm_up: true, count: if is_quick { QUICK_ROUNDS } else { ROUNDS } };
    let mut facts = machine::describe(cx);
    facts.push(("Rounds", format!("{} after a warm-up", rounds.count)));
    let trial = Trial::prepare(project, Workload::of_project(project))?;
    let mut measuring = Measuring::new(cx, report::SMALL, facts);
    for timing in SMALL {
        measuring.add(timing.case.name, || Ok(timing.measure(cx, &trial, rounds)?.into_iter().collect()))?;
    }
    // A dry run has built no images.
    if !cx.is_dry_run() {
        measuring.add("sizes of images", || size::measure(cx, &trial))?;
    }
    measuring.finish()
}
