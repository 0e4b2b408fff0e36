//! `cargo xtask dev`

use anyhow::Result;

use images::Target;
use inputs::Inputs;
use process::Outcome;
use project::{Accelerator, Context};

use crate::{
    cli::DevArgs,
    running::{self, Launch},
};

impl DevArgs {
    /// Runs a command where people develop, in a container of its own.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let place = running::ensure(cx, &inputs, Target::Dev)?;
        let launch = Launch {
            command: &self.command.words,
            passed: &self.passed.env,
            published: &self.publish,
            terminal: running::terminal(cx, self.background.detach),
            accelerator: if self.accelerator.gpu { Accelerator::Gpu } else { inputs.settings.accelerator },
            platform: None,
        };
        launch.exec(cx, &inputs, &place)
    }
}
