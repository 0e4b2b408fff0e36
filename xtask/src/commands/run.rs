//! `cargo xtask run`

use anyhow::Result;

use environment::Platform;
use images::Target;
use inputs::Project;
use process::Outcome;
use project::{Accelerator, Context};

use crate::{
    cli::Run,
    running::{self, Launch},
};

impl Run {
    /// Runs a command where unattended jobs run.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let own = Platform::of_containers();
        let platform = self.platform.as_ref().filter(|it| **it != own);
        let place = running::ensure_for(&project, Target::Runtime, platform.unwrap_or(&own))?;
        let launch = Launch {
            command: &self.command,
            passed: &self.env,
            published: &[],
            terminal: running::terminal(cx, self.detach),
            accelerator: if self.gpu { Accelerator::Gpu } else { project.settings.accelerator },
            platform,
        };
        launch.exec(&project, &place)
    }
}
