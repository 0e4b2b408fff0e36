//! `cargo xtask build`

use anyhow::Result;

use crate::cli::Build;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine};

impl Build {
    /// Builds the images, or the native environment.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        cx.report(&inputs.doubts);
        match provision::choose(cx, &inputs.settings)? {
            Engine::Docker => provision::build_image(cx, &inputs, self.targets.each())?,
            Engine::Native => {
                let prefix = provision::build_prefix(cx, &inputs)?;
                if !cx.runner.is_dry_run() {
                    cx.ui.notice(format_args!("`{}` is what is asked for", cx.layout.relative(&prefix)));
                }
            }
        }
        Ok(Outcome::Done)
    }
}
