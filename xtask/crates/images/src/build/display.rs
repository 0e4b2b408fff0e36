//! What a person sees of a run of the builder: on a terminal a line for each step, and in a pipe or with `--verbose` its own words.

use std::time::Instant;

use anyhow::Result;

use docker::Progress;
use process::{Exit, Invocation, PATIENCE, files::NewFile};
use project::Context;

use super::{failure::LINES, summary::step_line};

/// The variable by which people choose buildx's own form.
const FORM: &str = "BUILDKIT_PROGRESS";

/// Runs the builder, and reads what it reports. `has_steps` is whether it reports them so that they can be read.
pub(super) fn watch(cx: &Context, invocation: &Invocation, progress: &mut Progress, has_steps: bool) -> Result<Exit> {
    let is_short = has_steps && cx.ui.is_watched() && !cx.runner.is_verbose() && !cx.host.has(FORM);
    if !is_short || cx.is_dry_run() {
        return Ok(cx.runner.watch(invocation, &mut |it| progress.read(it))?);
    }
    let invocation = invocation.clone().env(FORM, "plain");
    let mut display = Display { cx, progress, log: Vec::new(), started: Instant::now() };
    let exit = cx.runner.watch_silently(&invocation, &mut |it| display.read(it));
    let has_failed = exit.as_ref().is_ok_and(|it| !it.success());
    display.finish(has_failed)?;
    Ok(exit?)
}

struct Display<'a> {
    cx: &'a Context,
    progress: &'a mut Progress,
    log: Vec<u8>,
    started: Instant,
}

impl Display<'_> {
    fn read(&mut self, bytes: &[u8]) {
        self.log.extend_from_slice(bytes);
        self.progress.read(bytes);
        let ui = self.cx.ui;
        ui.show_status("");
        for step in self.progress.take_done() {
            ui.report(step_line(&step));
        }
        let elapsed = self.started.elapsed();
        let doing = match self.progress.current() {
            Some(step) => step.to_string(),
            None if self.log.is_empty() && elapsed >= PATIENCE => {
                "waiting for the builder, which has not answered yet (`docker buildx ls`)".to_owned()
            }
            None => String::new(),
        };
        ui.show_status(format_args!("  {:>6.0} s  {doing}", elapsed.as_secs_f64()));
    }

    /// Leaves the terminal as it was, and the builder's own words in a file.
    fn finish(self, has_failed: bool) -> Result<()> {
        let Self { cx, progress, log, .. } = self;
        let file = cx.layout.build_log();
        cx.ui.show_status("");
        if has_failed {
            // Of a step, its own last lines are shown.
            if progress.failure().is_none() {
                last_lines(&log).for_each(|it| cx.ui.report(it));
            }
            cx.ui.notice(format_args!("all that the builder has printed is in `{}`", cx.layout.relative(&file)));
        }
        cx.files.write(&file, &NewFile { contents: log, ..NewFile::text("") })
    }
}

fn last_lines(log: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(log).into_owned();
    let lines: Vec<String> = text.lines().filter(|it| !it.trim().is_empty()).map(str::to_owned).collect();
    let left_out = lines.len().saturating_sub(LINES);
    lines.into_iter().skip(left_out)
}
