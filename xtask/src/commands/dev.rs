//! `cargo xtask dev`

use anyhow::Result;

use crate::cli::Dev;
use crate::context::Context;
use crate::image::Target;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::project::Accelerator;
use crate::provision::{self, Launch};

impl Dev {
    /// Runs a command where people develop, in a container of its own.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let place = provision::ensure(cx, &inputs, Target::Dev)?;
        let launch = Launch {
            command: &self.command,
            passed: &self.env,
            published: &self.publish,
            terminal: provision::terminal(cx, self.detach),
            accelerator: if self.gpu { Accelerator::Gpu } else { inputs.settings.accelerator },
            platform: None,
        };
        launch.exec(cx, &inputs, &place)
    }
}
