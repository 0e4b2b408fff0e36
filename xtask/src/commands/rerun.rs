//! `cargo xtask rerun`

use anyhow::{Context as _, Result};

use environment::Platform;
use images::Target;
use inputs::Project;
use jobs::{Receipt, SiteEngine, SlurmContainers};
use process::{Exit, Outcome, files};
use project::{Accelerator, Context};

use crate::{
    cli::{RerunArgs, SubmitArgs},
    rerunning::{CleanClone, passed_again},
    running::{self, Launch},
    submitting::{SubmitOrder, submit},
};

/// Submits the code of a clone with the sites of the repository as they are now.
fn submit_again(here: &Project, there: &Project, arguments: &SubmitArgs, clone: CleanClone) -> Result<Outcome> {
    let order = SubmitOrder::new(here, arguments)?;
    let runs_in_clone =
        matches!(&order.site.engine, SiteEngine::Slurm(slurm) if slurm.containers == SlurmContainers::Native);
    let folder = submit(there, order)?;
    if runs_in_clone {
        // Its environment is there.
        clone.keep();
    }
    here.cx.ui.data(&folder.record.id);
    Ok(Outcome::Done)
}

impl RerunArgs {
    /// Runs the command of a receipt again: the same code, the same image or one built from the same lock. Says what is as before.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let receipt = Receipt::parse(&files::read_text(&self.receipt)?);
        let receipt = receipt.with_context(|| format!("cannot read the receipt `{}`", self.receipt))?;
        let (passed, unknown) = passed_again(cx, &receipt);
        for name in unknown {
            cx.ui.notice(format_args!(
                "warning: `{name}` was passed, and the receipt has no values: export it to pass it again"
            ));
        }
        let here = Project::load(cx)?;
        let clone = CleanClone::make(cx, &receipt)?;
        if cx.is_dry_run() {
            return Ok(Outcome::Ended(Exit::SUCCESS));
        }
        let there = clone.open(&here, &receipt)?;
        let project = Project::load(&there)?;
        if let Some(site) = &self.on {
            let arguments = SubmitArgs::again(site, &receipt.result.argv, passed, &receipt.order.resources);
            return submit_again(&here, &project, &arguments, clone);
        }
        let platform = receipt.order.image.as_ref().and_then(|it| Platform::parse(&it.platform));
        let own = Platform::of_containers();
        let environment =
            running::ensure_built_for(&project, Target::Runtime, Some(true), platform.as_ref().unwrap_or(&own))?;
        let directory = receipt.order.directory.as_ref().map(|it| there.layout.root().join(it));
        let had_gpus = receipt.order.image.is_some() && !receipt.result.gpus.is_empty();
        let launch = Launch {
            command: &receipt.result.argv,
            passed: &passed,
            published: &[],
            terminal: running::connect(cx, false),
            directory: directory.as_deref(),
            job: None,
            accelerator: if had_gpus { Accelerator::Gpu } else { project.settings.accelerator },
            platform: platform.as_ref().filter(|it| **it != own),
            receipt: true,
        };
        let end = launch.record(&project, &environment)?;
        for line in end.receipt.iter().flat_map(|again| receipt.compare(again)) {
            cx.ui.notice(line);
        }
        Ok(end.outcome)
    }
}
