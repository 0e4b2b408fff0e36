//! `cargo xtask verify`

use anyhow::Result;

use inputs::Inputs;
use process::Outcome;
use project::Context;

/// Builds the environment again from the lock and compares.
pub fn run(cx: &Context) -> Result<Outcome> {
    locking::verify(cx, &Inputs::load(cx)?)
}
