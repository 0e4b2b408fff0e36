//! `cargo xtask shell`

use anyhow::Result;

use crate::cli::Shell;
use crate::context::Context;
use crate::docker::Terminal;
use crate::image::Target;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::project::Accelerator;
use crate::provision::{self, Launch, Place};

impl Shell {
    /// Opens a shell where people develop.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let place = provision::ensure(cx, &inputs, Target::Dev)?;
        let shell = match &place {
            Place::Image(_) => "bash",
            Place::Prefix(_) => cx.host.get("SHELL").unwrap_or("/bin/sh"),
        };
        let terminal = if cx.ui.is_interactive() { Terminal::Interactive } else { Terminal::Streams };
        let accelerator = if self.gpu { Accelerator::Gpu } else { inputs.settings.accelerator };
        Launch { command: &[shell.to_owned()], passed: &self.env, terminal, accelerator }.exec(cx, &inputs, &place)
    }
}
