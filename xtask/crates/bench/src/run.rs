//! Measures everything and writes the report.

use anyhow::Result;
use camino::Utf8PathBuf;

use inputs::Project;
use process::{
    Outcome, ProcessError,
    files::{NewFile, is_locked},
};
use project::Context;

use super::{
    catalogue::{MAX_PAIRS, TIMINGS},
    machine,
    report::{BenchReport, ReportRow},
    size,
    trial::Trial,
};

/// After the warm-up.
const PAIRS: usize = 5;
/// With `--quick`.
const QUICK_PAIRS: usize = 2;
const _: () = assert!(PAIRS <= MAX_PAIRS);

fn lock(cx: &Context) -> Utf8PathBuf {
    cx.layout.work().join("bench.lock")
}

/// Whether a benchmark of this repository goes on: what there is of one is left by it otherwise.
pub fn is_running(cx: &Context) -> bool {
    is_locked(&lock(cx))
}

/// Measures and writes `benchmarks/results.md`. What cannot be measured is shown, left out of the report, and a failure.
pub fn run(project: &Project, is_quick: bool) -> Result<Outcome> {
    containers::require_docker(project, "bench")?;
    let _lock = project.cx.files.lock(&lock(project.cx), project.cx.ui)?;
    let machine = machine::describe(project.cx);
    let pairs = if is_quick { QUICK_PAIRS } else { PAIRS };
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
    // A dry run has built no images, and has nothing to report.
    if project.cx.is_dry_run() {
        return Ok(outcome);
    }
    project.cx.ui.notice("measuring the images");
    report.sizes = Some(size::measure(project.cx, &trial)?);
    let results = project.cx.layout.root().join("benchmarks/results.md");
    project.cx.files.write(&results, &NewFile::text(report.to_string()))?;
    project.cx.ui.notice(format_args!("wrote `{}`", project.cx.layout.relative(&results)));
    Ok(outcome)
}
