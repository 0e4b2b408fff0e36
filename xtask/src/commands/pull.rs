//! `cargo xtask pull`

use anyhow::{Result, bail};

use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::PullArgs;

impl PullArgs {
    /// Pulls images that somebody else has built from the same inputs.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let from = images::shared_name(&project, self.from.as_ref(), "pull", "--from")?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            bail!("`pull` needs Docker: the native engine has no image");
        }
        images::pull(&project, self.targets.each(), &from)?;
        Ok(Outcome::Done)
    }
}
