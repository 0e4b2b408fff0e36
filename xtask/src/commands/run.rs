//! `cargo xtask run`

use anyhow::Result;

use environment::Platform;
use images::Target;
use inputs::Project;
use process::Outcome;
use project::{Accelerator, Context};

use crate::{
    cli::RunArgs,
    running::{self, Launch},
};

impl RunArgs {
    /// Runs a command in a new container of the runtime image, or natively.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let own = Platform::of_containers();
        let platform = self.platform.as_ref().filter(|it| **it != own);
        let environment =
            running::ensure_built_for(&project, Target::Runtime, self.sync.choice(), platform.unwrap_or(&own))?;
        let launch = Launch {
            command: &self.command.words,
            passed: &self.passed.env,
            published: &self.ports.publish,
            directory: cx.host.directory(),
            job: self.background.name.as_ref(),
            terminal: running::connect(cx, self.background.detach),
            accelerator: if self.accelerator.gpu { Accelerator::Gpu } else { project.settings.accelerator },
            platform,
            receipt: (self.receipt || project.settings.receipts) && !self.background.detach,
        };
        launch.exec(&project, &environment)
    }
}
