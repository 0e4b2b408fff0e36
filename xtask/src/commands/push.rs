//! `cargo xtask push`

use anyhow::{Result, bail, ensure};

use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::PushArgs;

impl PushArgs {
    /// Pushes images that were built, with all of their tags.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let to = images::shared_name(&project, self.to.as_ref(), "push to", "--to")?;
        if Engine::choose(cx, &project.settings)? == Engine::Native {
            bail!("only images can be pushed, and these need Docker");
        }
        let targets = self.targets.each();
        for target in targets {
            let image = target.image(&project.settings.image);
            let exists = images::exists(&project, &image);
            ensure!(exists, "`{image}` has not been built yet: `cargo xtask build {}`", target.name());
        }
        targets.iter().try_for_each(|it| images::push(&project, *it, &to))?;
        Ok(Outcome::Done)
    }
}
