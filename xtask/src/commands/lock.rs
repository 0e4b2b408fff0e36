//! `cargo xtask lock`

use std::collections::BTreeSet;

use anyhow::Result;

use crate::cli::Lock;
use crate::context::Context;
use crate::environment::Platform;
use crate::inputs::Inputs;
use crate::journal::Changes;
use crate::outcome::Outcome;
use crate::project::EngineChoice;
use crate::provision::{self, Engine};

impl Lock {
    /// Solves what is asked for and writes the locks, all of them or none.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        // What is written depends on what is there, so nobody may change it in between.
        let (inputs, _lock) = Inputs::load_locked(cx)?;
        // What is asked for can be solved without the daemon that it is for.
        let engine = match inputs.settings.engine {
            EngineChoice::Docker => Engine::Docker,
            EngineChoice::Native | EngineChoice::Auto => provision::choose(cx, &inputs.settings)?,
        };
        let mut platforms: BTreeSet<Platform> = self.platforms.iter().cloned().collect();
        if platforms.is_empty() {
            platforms.insert(engine.platform());
        }
        let mut changes = Changes::new();
        for platform in &platforms {
            // A damaged one is made anew.
            let old = provision::read_lock(cx, platform).ok().flatten();
            let new = provision::solve(cx, &inputs, platform, &engine, old.as_ref(), &self.upgrade)?;
            changes.extend(provision::lock_changes(cx, &new));
            provision::tell_of_lock(cx, old.as_ref(), &new);
            let contradictions = new.contradictions(&inputs.intent.environment);
            if !contradictions.lines.is_empty() {
                cx.ui.notice(
                    "`environment.yml` pins something else; `cargo xtask thaw` before a build takes this lock:",
                );
            }
            for line in contradictions.lines {
                cx.ui.notice(format_args!("  {line}"));
            }
        }
        provision::write_changes(cx, changes)?;
        Ok(Outcome::Done)
    }
}
