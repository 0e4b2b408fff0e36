//! `cargo xtask pull`

use anyhow::{Result, bail};

use crate::cli::Pull;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine};

impl Pull {
    /// Gets images that somebody else has built.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let from = provision::shared_name(cx, &inputs, self.from.as_ref(), "pull from", "--from")?;
        if provision::choose(cx, &inputs.settings)? == Engine::Native {
            bail!("only images can be pulled, and these need Docker");
        }
        self.targets.each().iter().try_for_each(|it| provision::pull(cx, &inputs, *it, &from))?;
        Ok(Outcome::Done)
    }
}
