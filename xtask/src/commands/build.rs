//! `cargo xtask build`

use anyhow::Result;

use crate::cli::Build;
use crate::context::Context;
use crate::environment::Platform;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine};

impl Build {
    /// Builds the images, or the native environment.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        cx.report(&inputs.doubts);
        let engine = provision::choose(cx, &inputs.settings)?;
        let platform = match engine {
            Engine::Docker => Platform::of_containers(),
            Engine::Native => Platform::of_host(),
        };
        let recipe = if self.locked { provision::locked_recipe } else { provision::recipe };
        let recipe = recipe(cx, &inputs, &platform)?;
        match engine {
            Engine::Docker => provision::build_image_from(cx, &inputs, self.targets.each(), &recipe)?,
            Engine::Native => {
                let prefix = provision::build_prefix_from(cx, &inputs, &recipe)?;
                if !cx.runner.is_dry_run() {
                    cx.ui.notice(format_args!("`{}` is what is asked for", cx.layout.relative(&prefix)));
                }
            }
        }
        Ok(Outcome::Done)
    }
}
