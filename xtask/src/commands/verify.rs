//! `cargo xtask verify`

use anyhow::Result;

use crate::cli::Verify;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision;

impl Verify {
    /// Builds the environment again from the lock and compares.
    pub fn run(cx: &Context) -> Result<Outcome> {
        provision::verify(cx, &Inputs::load(cx)?)
    }
}
