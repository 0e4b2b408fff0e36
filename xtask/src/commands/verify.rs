//! `cargo xtask verify`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

/// Rebuilds the environment from the lock and compares.
pub fn run(cx: &Context) -> Result<Outcome> {
    locking::verify(&Project::load(cx)?)
}
