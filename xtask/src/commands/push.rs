//! `cargo xtask push`

use anyhow::{Result, bail};

use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::PushArgs;

impl PushArgs {
    /// Pushes images, with all of their tags; they must have been built.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let to = images::shared_name(&project, self.to.as_ref(), "push", "--to")?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            bail!("`push` needs Docker: the native engine has no image");
        }
        images::push(&project, self.targets.each(), &to)?;
        Ok(Outcome::Done)
    }
}
