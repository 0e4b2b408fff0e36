//! `cargo xtask restart`

use anyhow::Result;

use crate::cli::Restart;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Extra, Wish};

impl Restart {
    /// Stops the dev container and starts it again; what was installed in it stays.
    pub fn run(cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let container = provision::require_dev(cx, &inputs, "restart")?;
        provision::compose_command(cx, &inputs, &container, &["stop"])?;
        let wish = Wish { extras: Extra::of_label(&container.extras), build: false, until_healthy: false };
        provision::up(cx, &inputs, &wish)?;
        Ok(Outcome::Done)
    }
}
