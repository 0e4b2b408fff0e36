//! `cargo xtask up`

use anyhow::Result;

use crate::cli::Up;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Extra, Wish};

impl Up {
    /// Makes sure that the dev container runs.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        provision::require_docker(cx, &inputs, "up")?;
        let mut extras = Extra::of(inputs.settings.accelerator);
        extras.extend(
            [(self.gpu, Extra::Gpu), (self.ssh, Extra::Ssh), (self.jupyter, Extra::Jupyter)]
                .into_iter()
                .filter(|it| it.0)
                .map(|it| it.1),
        );
        let wish = Wish { extras, build: self.build, until_healthy: self.wait };
        if provision::up(cx, &inputs, &wish)?.is_some() {
            cx.ui.notice("the dev container is ready: `cargo xtask shell`, `cargo xtask exec -- COMMAND`");
        }
        Ok(Outcome::Done)
    }
}
