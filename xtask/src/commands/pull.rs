//! `cargo xtask pull`

use anyhow::{Result, bail};

use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::PullArgs;

impl PullArgs {
    /// Gets images that somebody else has built.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let from = images::shared_name(&project, self.from.as_ref(), "pull", "--from")?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            bail!("only images can be pulled, and these need Docker");
        }
        images::pull(&project, self.targets.each(), &from)?;
        Ok(Outcome::Done)
    }
}
