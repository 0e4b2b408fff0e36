//! `cargo xtask push`

use anyhow::{Context as _, Result, bail, ensure};

use crate::cli::Push;
use crate::context::Context;
use crate::docker::PushRequest;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Engine};

impl Push {
    /// Pushes images that were built.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let settings = &inputs.settings;
        let Some(registry) = &settings.registry else {
            let file = cx.layout.relative(&cx.layout.env_file());
            bail!("there is no registry to push to: set REGISTRY_HOSTNAME in `{file}`, then build again");
        };
        if provision::choose(cx, settings)? == Engine::Native {
            bail!("only images can be pushed, and these need Docker");
        }
        let images: Vec<String> = self.targets.each().iter().map(|it| it.image(&settings.image)).collect();
        for image in &images {
            let exists = provision::image_exists(cx, &inputs, image);
            ensure!(exists, "there is no image `{image}` yet: `cargo xtask build {}`", tag(image));
        }
        for image in &images {
            cx.ui.notice(format_args!("pushing `{image}` to {registry}"));
            cx.runner.succeed(&PushRequest { image }.invocation()).with_context(|| {
                format!("`{image}` was not pushed; if {registry} wants a password: `docker login {registry}`")
            })?;
        }
        Ok(Outcome::Done)
    }
}

fn tag(image: &str) -> &str {
    image.rsplit_once(':').map_or(image, |(_, tag)| tag)
}
