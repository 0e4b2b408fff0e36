//! Measures everything and writes the report.

use anyhow::Result;

use inputs::Project;
use process::{Outcome, ProcessError, files::NewFile};

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
pub fn run(project: &Project, is_quick: bool) -> Result<Outcome> {
    containers::require_docker(project, "bench")?;
    let is_dry_run = project.cx.is_dry_run();
    let path = project.cx.layout.work().join("bench.lock");
    let _lock = project.cx.files.lock(&path, project.cx.ui)?;
    let machine = machine::describe(project.cx);
    let pairs = if is_quick { FEW_PAIRS } else { PAIRS };
    let trial = Trial::prepare(project)?;
    let mut report = BenchReport { machine, pairs, rows: Vec::new(), sizes: None };
    let mut outcome = Outcome::Done;
    for timing in TIMINGS {
        project.cx.ui.notice(format_args!("timing: {}", timing.name));
        match timing.measure(project.cx, &trial, pairs) {
            Ok(measured) => report.rows.extend(measured.map(|measured| ReportRow { timing, measured })),
            Err(error) if ProcessError::is_interruption(&error) => return Err(error),
            Err(error) => {
                project.cx.ui.error(&error.context(format!("`{}` was not measured", timing.name)));
                outcome = Outcome::Failed;
            }
        }
    }
    if is_dry_run {
        return Ok(outcome);
    }
    project.cx.ui.notice("measuring the images");
    report.sizes = Some(size::measure(project.cx, &trial)?);
    let results = project.cx.layout.root().join("benchmarks/results.md");
    project.cx.files.write(&results, &NewFile::text(report.to_string()))?;
    project.cx.ui.notice(format_args!("wrote `{}`", project.cx.layout.relative(&results)));
    Ok(outcome)
}
