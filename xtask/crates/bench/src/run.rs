//! Measures everything and writes the report.

use anyhow::Result;

use inputs::Inputs;
use process::{
    Outcome, ProcessError,
    files::{self, RepositoryLock, NewFile},
};
use project::Context;

use super::{
    catalogue::{MOST_PAIRS, TIMINGS},
    machine,
    report::{BenchReport, ReportRow},
    size,
    trial::Trial,
};

/// Pairs after the warm-up.
const PAIRS: usize = 5;
/// The same where it has to be quick.
const FEW_PAIRS: usize = 2;
const _: () = assert!(PAIRS <= MOST_PAIRS);

/// Measures and writes `benchmarks/results.md`. What cannot be measured is told and left out of it, and is a failure.
pub fn run(cx: &Context, inputs: &Inputs, is_quick: bool) -> Result<Outcome> {
    containers::require_docker(cx, inputs, "bench")?;
    let is_dry_run = cx.runner.is_dry_run();
    let path = cx.layout.work().join("bench.lock");
    let _lock = if is_dry_run { None } else { Some(RepositoryLock::acquire(&path, cx.ui)?) };
    let machine = machine::describe(cx);
    let pairs = if is_quick { FEW_PAIRS } else { PAIRS };
    let trial = Trial::prepare(cx, inputs)?;
    let mut report = BenchReport { machine, pairs, rows: Vec::new(), sizes: None };
    let mut outcome = Outcome::Done;
    for timing in TIMINGS {
        cx.ui.notice(format_args!("timing: {}", timing.name));
        match timing.measure(cx, &trial, pairs) {
            Ok(measured) => report.rows.extend(measured.map(|measured| ReportRow { timing, measured })),
            Err(error) if ProcessError::is_interruption(&error) => return Err(error),
            Err(error) => {
                cx.ui.error(&error.context(format!("`{}` was not measured", timing.name)));
                outcome = Outcome::Failed;
            }
        }
    }
    if is_dry_run {
        return Ok(outcome);
    }
    cx.ui.notice("measuring the images");
    report.sizes = Some(size::measure(cx, &trial)?);
    let results = cx.layout.root().join("benchmarks/results.md");
    files::write(&results, &NewFile::text(report.to_string()))?;
    cx.ui.notice(format_args!("wrote `{}`", cx.layout.relative(&results)));
    Ok(outcome)
}
