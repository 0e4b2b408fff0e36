//! The course of a benchmark: one case after another, then the report.

use anyhow::Result;

use process::{
    Outcome, ProcessError,
    files::{NewFile, RepositoryLock, read_text_if_any},
};
use project::Context;

use super::{
    case::MeasuredCase,
    report::{ReportPart, with_part},
};

/// Waits for a benchmark of this repository that goes on, and keeps others waiting.
pub fn lock(cx: &Context) -> Result<RepositoryLock> {
    cx.files.lock(&cx.layout.bench_lock(), cx.ui)
}

/// What was measured so far.
#[derive(Debug)]
pub struct Measuring<'a> {
    cx: &'a Context,
    part: ReportPart,
    outcome: Outcome,
}

impl<'a> Measuring<'a> {
    /// Begins the part of the report that has this heading, with facts about what is measured.
    pub fn new(cx: &'a Context, heading: &'static str, facts: Vec<(&'static str, String)>) -> Self {
        Self { cx, part: ReportPart { heading, facts, cases: Vec::new() }, outcome: Outcome::Done }
    }

    /// Measures something. What cannot be measured is shown, left out of the report, and a failure; the rest goes on, unless
    /// somebody wants it to stop.
    pub fn add(&mut self, name: &str, measure: impl FnOnce() -> Result<Vec<MeasuredCase>>) -> Result<()> {
        self.cx.ui.notice(format_args!("measuring: {name}"));
        match measure() {
            Ok(measured) => self.part.cases.extend(measured),
            Err(error) if ProcessError::is_interruption(&error) => return Err(error),
            Err(error) => {
                self.cx.ui.error(&error.context(format!("`{name}` was not measured")));
                self.outcome = Outcome::Failed;
            }
        }
        Ok(())
    }

    /// Writes the part of the report; a dry run has nothing to report.
    pub fn finish(self) -> Result<Outcome> {
        let (cx, part) = (self.cx, self.part);
        if !cx.is_dry_run() {
            let path = cx.layout.root().join("benchmarks/results.md");
            let before = read_text_if_any(&path)?.unwrap_or_default();
            cx.files.write(&path, &NewFile::text(with_part(&before, part.heading, &part.to_string())))?;
            cx.ui.notice(format_args!("wrote `{}`", cx.layout.relative(&path)));
        }
        Ok(self.outcome)
    }
}
