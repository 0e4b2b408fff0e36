//! `cargo xtask start`

use anyhow::Result;

use crate::cli::Start;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision::{self, Extra, Wish};

impl Start {
    /// Starts the dev container that is there. Unlike `up`, it makes none.
    pub fn run(cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let container = provision::require_dev(cx, &inputs, "start")?;
        let wish = Wish { extras: Extra::of_label(&container.extras), build: false, until_healthy: false };
        provision::up(cx, &inputs, &wish)?;
        Ok(Outcome::Done)
    }
}
