//! `cargo xtask dev`

use anyhow::Result;

use images::Target;
use inputs::Project;
use process::Outcome;
use project::{Accelerator, Context};

use crate::{
    cli::DevArgs,
    running::{self, Launch},
};

impl DevArgs {
    /// Runs a command in a new container of the dev image, or natively.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let environment = running::ensure_built(&project, Target::Dev, self.sync.choice())?;
        let launch = Launch {
            command: &self.command.words,
            passed: &self.passed.env,
            published: &self.ports.publish,
            directory: cx.host.directory(),
            job: self.background.name.as_ref(),
            terminal: running::connect(cx, self.background.detach),
            accelerator: if self.accelerator.gpu { Accelerator::Gpu } else { project.settings.accelerator },
            platform: None,
            receipt: false,
        };
        launch.exec(&project, &environment)
    }
}
