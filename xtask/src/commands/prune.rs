//! `cargo xtask prune`

use anyhow::Result;

use images::size::Bytes;
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::PruneArgs;
use crate::pruning::{Prunable, find_in_docker, find_in_repository};

impl PruneArgs {
    /// Removes what nobody needs any more of this project, each thing in a line with what is free once it is gone.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        // Nothing of this repository is being built meanwhile.
        let _lock = cx.lock()?;
        let mut found = find_in_docker(&project, self.keep)?;
        let (files, _locks) = find_in_repository(cx)?;
        found.extend(files);
        if found.is_empty() {
            cx.ui.notice("there is nothing to remove");
            return Ok(Outcome::Done);
        }
        show(cx, &found);
        let mut failed = 0;
        let mut freed = Bytes(0);
        for thing in &found {
            match thing.remove(cx) {
                Ok(()) => freed += thing.size,
                Err(error) => {
                    failed += 1;
                    cx.ui.error(&error.context(format!("{} was not removed", thing.shown)));
                }
            }
            if process::stop_signal().is_some() {
                return Ok(Outcome::Failed);
            }
        }
        let verb = if cx.is_dry_run() { "would remove" } else { "removed" };
        cx.ui.notice(format_args!("{verb} {freed} in all"));
        Ok(if failed == 0 { Outcome::Done } else { Outcome::Failed })
    }
}

fn show(cx: &Context, found: &[Prunable]) {
    let mut rows = vec![["SIZE", "WHAT", "WHY"].map(str::to_owned)];
    rows.extend(found.iter().map(|it| [it.size.to_string(), it.shown.clone(), it.why.clone()]));
    cx.ui.report_table(&rows);
}
