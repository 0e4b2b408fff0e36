//! `cargo xtask push`

use anyhow::{Result, bail};

use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::PushArgs;

impl PushArgs {
    /// Pushes images that were built, with all of their tags.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let to = images::shared_name(&project, self.to.as_ref(), "push", "--to")?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            bail!("only images can be pushed, and these need Docker");
        }
        images::push(&project, self.targets.each(), &to)?;
        Ok(Outcome::Done)
    }
}
