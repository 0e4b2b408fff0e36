//! `cargo xtask drift`

use anyhow::Result;

use crate::cli::Drift;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision;

impl Drift {
    /// Compares what is installed with what the files say.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        provision::drift(cx, &Inputs::load(cx)?, self.from)
    }
}
