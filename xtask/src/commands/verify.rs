//! `cargo xtask verify`

use anyhow::Result;

use inputs::Inputs;
use process::Outcome;
use project::Context;

use crate::cli::Verify;

impl Verify {
    /// Builds the environment again from the lock and compares.
    pub fn run(cx: &Context) -> Result<Outcome> {
        locking::verify(cx, &Inputs::load(cx)?)
    }
}
