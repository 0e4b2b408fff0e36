//! `cargo xtask push`

use anyhow::{Result, bail, ensure};

use inputs::{Engine, Project};
use process::Outcome;
use project::Context;

use crate::cli::PushArgs;

impl PushArgs {
    /// Pushes images, with all of their tags; they must have been built.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let to = images::shared_name(&project, self.to.as_ref(), "push to", "--to")?;
        if inputs::choose(cx, &project.settings)? == Engine::Native {
            bail!("`push` needs Docker: the native engine has no image");
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
