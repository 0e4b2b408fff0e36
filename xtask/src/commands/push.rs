//! `cargo xtask push`

use anyhow::{Result, bail, ensure};

use inputs::{Engine, Inputs};
use process::Outcome;
use project::Context;

use crate::cli::PushArgs;

impl PushArgs {
    /// Pushes images that were built, with all of their tags.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let to = images::shared_name(cx, &inputs, self.to.as_ref(), "push to", "--to")?;
        if inputs::choose(cx, &inputs.settings)? == Engine::Native {
            bail!("only images can be pushed, and these need Docker");
        }
        let targets = self.targets.each();
        for target in targets {
            let image = target.image(&inputs.settings.image);
            let exists = images::exists(cx, &inputs, &image);
            ensure!(exists, "there is no image `{image}` yet: `cargo xtask build {}`", target.name());
        }
        targets.iter().try_for_each(|it| images::push(cx, &inputs, *it, &to))?;
        Ok(Outcome::Done)
    }
}
