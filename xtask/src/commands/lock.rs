//! `cargo xtask lock`

use std::collections::BTreeSet;

use anyhow::Result;

use environment::Platform;
use inputs::{Engine, Project};
use process::{Outcome, files::FileChanges};
use project::{Context, EngineChoice};

use crate::cli::LockArgs;

impl LockArgs {
    /// Solves environment.yml for each platform and writes the locks, all of them or none.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        if self.tools {
            let (project, _lock) = Project::load_locked(cx)?;
            locking::lock_tools(&project, &self.upgrade())?;
            return Ok(Outcome::Done);
        }
        // What is written depends on what is there, so nobody may change it in between.
        let (project, _lock) = Project::load_locked(cx)?;
        // Solving for Docker needs no daemon, so none is asked for where the settings say Docker.
        let engine = match project.settings.engine {
            EngineChoice::Docker => Engine::Docker,
            EngineChoice::Native | EngineChoice::Auto => Engine::choose(cx, &project.settings)?,
        };
        let mut platforms: BTreeSet<Platform> = self.platforms.iter().cloned().collect();
        if platforms.is_empty() {
            platforms.insert(engine.platform());
        }
        let mut changes = FileChanges::new();
        for platform in &platforms {
            // A damaged lock is replaced.
            let old = inputs::read_lock(cx, platform).ok().flatten();
            let new = locking::solve(&project, platform, &engine, old.as_ref(), &self.upgrade())?;
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
}
