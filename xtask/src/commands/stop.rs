//! `cargo xtask stop`

use anyhow::Result;

use crate::cli::Stop;
use crate::context::Context;
use crate::docker::State;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision;

impl Stop {
    /// Stops the dev container, and what the compose files put beside it.
    pub fn run(cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let container = provision::require_dev(cx, &inputs, "stop")?;
        if container.state == State::Stopped {
            cx.ui.notice("the dev container is stopped already");
        } else {
            provision::compose_command(cx, &inputs, &container, &["stop"])?;
        }
        Ok(Outcome::Done)
    }
}
