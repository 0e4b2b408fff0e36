//! `cargo xtask run`

use anyhow::Result;

use crate::cli::Run;
use crate::context::Context;
use crate::environment::Platform;
use crate::image::Target;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::project::Accelerator;
use crate::provision::{self, Launch};

impl Run {
    /// Runs a command where unattended jobs run.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let own = Platform::of_containers();
        let platform = self.platform.as_ref().filter(|it| **it != own);
        let place = provision::ensure_for(cx, &inputs, Target::Runtime, platform.unwrap_or(&own))?;
        let launch = Launch {
            command: &self.command,
            passed: &self.env,
            published: &[],
            terminal: provision::terminal(cx, self.detach),
            accelerator: if self.gpu { Accelerator::Gpu } else { inputs.settings.accelerator },
            platform,
        };
        launch.exec(cx, &inputs, &place)
    }
}
