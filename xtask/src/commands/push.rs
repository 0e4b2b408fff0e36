//! `cargo xtask push`

use anyhow::{Result, bail, ensure};

use crate::cli::Push;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine};

impl Push {
    /// Pushes images that were built, with all of their tags.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let to = provision::shared_name(cx, &inputs, self.to.as_ref(), "push to", "--to")?;
        if provision::choose(cx, &inputs.settings)? == Engine::Native {
            bail!("only images can be pushed, and these need Docker");
        }
        let targets = self.targets.each();
        for target in targets {
            let image = target.image(&inputs.settings.image);
            let exists = provision::image_exists(cx, &inputs, &image);
            ensure!(exists, "there is no image `{image}` yet: `cargo xtask build {}`", target.name());
        }
        targets.iter().try_for_each(|it| provision::push(cx, &inputs, *it, &to))?;
        Ok(Outcome::Done)
    }
}
