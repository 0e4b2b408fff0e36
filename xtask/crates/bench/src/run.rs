//! Measures what there is to measure, and writes the report.

use anyhow::Result;
use camino::Utf8PathBuf;

use inputs::Project;
use process::{
    Outcome, ProcessError,
    files::{NewFile, is_locked, read_text_if_any},
};
use project::Context;

use super::{
    catalogue::{MAX_ROUNDS, SMALL},
    machine,
    report::{self, ReportPart, with_part},
    size,
    timing::Rounds,
    trial::Trial,
};

/// After the warm-up.
const ROUNDS: usize = 5;
/// With `--quick`.
const QUICK_ROUNDS: usize = 2;
const _: () = assert!(ROUNDS <= MAX_ROUNDS);

fn lock(cx: &Context) -> Utf8PathBuf {
    cx.layout.work().join("bench.lock")
}

/// Whether a benchmark of this repository goes on: what there is of one is left by it otherwise.
pub fn is_running(cx: &Context) -> bool {
    is_locked(&lock(cx))
}

/// Measures this project's environment and writes that part of `benchmarks/results.md`. What cannot be measured is shown, left out
/// of the report, and a failure.
pub fn run(project: &Project, is_quick: bool) -> Result<Outcome> {
    let cx = project.cx;
    containers::require_docker(project, "bench")?;
    let _lock = cx.files.lock(&lock(cx), cx.ui)?;
    let mut facts = machine::describe(cx);
    let rounds = Rounds { has_warm_up: true, count: if is_quick { QUICK_ROUNDS } else { ROUNDS } };
    facts.push(("Rounds", format!("{} after a warm-up", rounds.count)));
    let trial = Trial::prepare(project)?;
    let mut part = ReportPart { heading: report::SMALL, facts, cases: Vec::new() };
    let mut outcome = Outcome::Done;
    for timing in SMALL {
        cx.ui.notice(format_args!("timing: {}", timing.case.name));
        match timing.measure(cx, &trial, rounds) {
            Ok(measured) => part.cases.extend(measured),
            Err(error) if ProcessError::is_interruption(&error) => return Err(error),
            Err(error) => {
                cx.ui.error(&error.context(format!("`{}` was not measured", timing.case.name)));
                outcome = Outcome::Failed;
            }
        }
    }
    // A dry run has built no images, and has nothing to report.
    if cx.is_dry_run() {
        return Ok(outcome);
    }
    cx.ui.notice("measuring the images");
    part.cases.extend(size::measure(cx, &trial)?);
    write(cx, &part)?;
    Ok(outcome)
}

fn write(cx: &Context, part: &ReportPart) -> Result<()> {
    let path = cx.layout.root().join("benchmarks/results.md");
    let before = read_text_if_any(&path)?.unwrap_or_default();
    cx.files.write(&path, &NewFile::text(with_part(&before, part.heading, &part.to_string())))?;
    cx.ui.notice(format_args!("wrote `{}`", cx.layout.relative(&path)));
    Ok(())
}
