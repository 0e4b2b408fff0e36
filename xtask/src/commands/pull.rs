//! `cargo xtask pull`

use anyhow::{Result, bail};

use inputs::{Engine, Inputs};
use process::Outcome;
use project::Context;

use crate::cli::PullArgs;

impl PullArgs {
    /// Gets images that somebody else has built.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let from = images::shared_name(cx, &inputs, self.from.as_ref(), "pull from", "--from")?;
        if inputs::choose(cx, &inputs.settings)? == Engine::Native {
            bail!("only images can be pulled, and these need Docker");
        }
        self.targets.each().iter().try_for_each(|it| images::pull(cx, &inputs, *it, &from))?;
        Ok(Outcome::Done)
    }
}
