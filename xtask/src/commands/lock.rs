//! `cargo xtask lock`

use anyhow::{Context as _, Result};

use environment::lock::LockFormat;
use inputs::{Engine, Project};
use process::{
    FileAction, Outcome,
    files::{FileChanges, NewFile},
    sort,
};
use project::Context;

use crate::cli::LockArgs;

impl LockArgs {
    /// Solves environment.yml for each platform and writes the locks, all of them or none. With `--format`, the locks that
    /// are there are written for another tool.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        if let Some(format) = self.format {
            return self.export(cx, format);
        }
        if self.tools {
            let (project, _lock) = Project::load_locked(cx)?;
            locking::lock_tools(&project, &self.upgrade())?;
            return Ok(Outcome::Done);
        }
        // What is written depends on what is there, so nobody may change it in between.
        let (mut project, _lock) = Project::load_locked(cx)?;
        if self.variant.is_some() {
            project.settings.lock_variant.clone_from(&self.variant);
        }
        let engine = Engine::to_solve_for(cx, &project.settings)?;
        let mut platforms = self.platforms.clone();
        if platforms.is_empty() {
            platforms.push(engine.platform());
        }
        sort(&mut platforms);
        platforms.dedup();
        let mut changes = FileChanges::new();
        for platform in &platforms {
            // A damaged lock is replaced.
            let old = inputs::read_lock(&project, platform).ok().flatten();
            let mut new = locking::solve(&project, platform, &engine, old.as_ref(), &self.upgrade())?;
            if self.replan {
                new = new.replanned();
            }
            changes.extend(locking::lock_file_changes(cx, &new));
            locking::show_lock_changes(cx, old.as_ref(), &new);
            let contradictions = new.contradictions(&project.intent.environment);
            if !contradictions.lines.is_empty() {
                cx.ui.notice(
                    "`environment.yml` pins other versions; run `cargo xtask thaw` so that a build uses this lock:",
                );
            }
            for line in contradictions.lines {
                cx.ui.notice(format_args!("  {line}"));
            }
        }
        locking::write_changes(cx, changes)?;
        Ok(Outcome::Done)
    }

    fn export(&self, cx: &Context, format: LockFormat) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let text = locking::export_locks(&project, format, &self.platforms)?;
        let Some(file) = &self.output else {
            if let Some(text) = text {
                cx.ui.data(text.trim_end());
            }
            return Ok(Outcome::Done);
        };
        if let Some(text) = text {
            let path = camino::absolute_utf8(file).with_context(|| format!("cannot write `{file}`"))?;
            cx.files.write(&path, &NewFile::text(text))?;
        }
        cx.ui.report_action(FileAction::Write, format_args!("`{file}`"));
        Ok(Outcome::Done)
    }
}
