//! `cargo xtask why`

use anyhow::Result;

use images::{BuildEntry, BuildPlan, ComparedImage, DoneStep, Freshness};
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::WhyArgs;

/// How many builds are shown.
const SHOWN: usize = 20;

/// How long the longest bar is, in characters.
const WIDTH: u8 = 30;

impl WhyArgs {
    /// Shows what would be built and why, what the last build did, and what builds have cost. Builds nothing.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let plan = BuildPlan::to_use(&project, self.targets.each(), &[])?;
        for compared in plan.compare() {
            show_compared(cx, &compared);
        }
        let is_about = |it: &BuildEntry| {
            self.targets.each().iter().any(|target| it.targets.iter().any(|name| name == target.name()))
        };
        let builds: Vec<BuildEntry> = images::builds(cx)?.into_iter().filter(is_about).collect();
        match builds.last() {
            Some(last) => show_last(cx, last),
            None => cx.ui.data("no build is known in this checkout"),
        }
        if builds.len() > 1 {
            show_trend(cx, &builds[builds.len().saturating_sub(SHOWN)..]);
        }
        Ok(Outcome::Done)
    }
}

fn show_compared(cx: &Context, compared: &ComparedImage) {
    let ComparedImage { image, freshness, earlier, .. } = compared;
    match (freshness, earlier) {
        (Freshness::UpToDate { .. }, _) => cx.ui.data(format_args!("`{image}` is up to date: nothing would be built")),
        (_, Some(earlier)) => {
            cx.ui
                .data(format_args!("`{image}` would be `{earlier}` again, which was built from the same files before"));
        }
        (_, None) => {
            cx.ui.data(format_args!("`{image}` would be built:"));
            for reason in freshness.reasons() {
                cx.ui.data(format_args!("  {reason}"));
            }
        }
    }
}

fn show_last(cx: &Context, last: &BuildEntry) {
    let targets = last.targets.join(" and ");
    cx.ui.data(format_args!("\nthe last build, {}, of {targets}, took {:.1} s:", when(last), last.seconds));
    if last.reasons.is_empty() {
        cx.ui.data("  asked for, whatever there was");
    }
    for reason in &last.reasons {
        cx.ui.data(format_args!("  {reason}"));
    }
    if let Some(failure) = &last.failure {
        return cx.ui.data(format_args!("  it failed: {failure}"));
    }
    if last.steps == 0 {
        return;
    }
    cx.ui.data(format_args!("{} of its {} steps were in the cache; these were not:", last.cached(), last.steps));
    let stages = by_stage(&last.done);
    let width = stages.iter().map(|it| it.0.stage.len()).max().unwrap_or_default();
    for (step, count) in stages {
        let input = step.input().map(|it| format!("  {it}")).unwrap_or_default();
        let times = if count > 1 { format!("  ({count} steps)") } else { String::new() };
        let line = format!("  {:>6.1} s  {:<width$}{times}{input}", step.seconds, step.stage);
        cx.ui.data(line.trim_end());
    }
}

/// The steps of each stage as one, the slowest first.
fn by_stage(done: &[DoneStep]) -> Vec<(DoneStep, usize)> {
    let mut stages: Vec<(DoneStep, usize)> = Vec::new();
    for step in done {
        match stages.iter_mut().find(|it| it.0.stage == step.stage) {
            Some((same, count)) => {
                same.seconds += step.seconds;
                *count += 1;
            }
            None => stages.push((step.clone(), 1)),
        }
    }
    process::sort_by(&mut stages, |a, b| b.0.seconds.total_cmp(&a.0.seconds));
    stages
}

fn show_trend(cx: &Context, builds: &[BuildEntry]) {
    let longest = builds.iter().map(|it| it.seconds).fold(0.1, f64::max);
    let mut rows = vec![["BUILT", "TARGETS", "CACHED", "SIZE", "TIME", ""].map(str::to_owned)];
    for build in builds {
        let cached = if build.steps == 0 { "?".to_owned() } else { format!("{}/{}", build.cached(), build.steps) };
        let size = if build.failure.is_some() { "failed".to_owned() } else { build.sizes.join(", ") };
        rows.push([
            when(build),
            build.targets.join(" "),
            cached,
            size,
            format!("{:.1} s", build.seconds),
            bar(build.seconds / longest),
        ]);
    }
    cx.ui.data(format_args!("\nthe last {} builds:", builds.len()));
    cx.ui.table(&rows);
}

/// A part of the longest bar, at least a mark.
fn bar(part: f64) -> String {
    (0..WIDTH).take_while(|it| *it == 0 || f64::from(*it) < part * f64::from(WIDTH)).map(|_| '#').collect()
}

fn when(build: &BuildEntry) -> String {
    build.time.replace('T', " ").replace('Z', "")
}
