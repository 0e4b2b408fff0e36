//! `cargo xtask start`

use anyhow::Result;

use containers::{ComposeOverlay, UpOptions};
use inputs::Inputs;
use process::Outcome;
use project::Context;

/// Starts the dev container that is there. Unlike `up`, it makes none.
pub fn run(cx: &Context) -> Result<Outcome> {
    let inputs = Inputs::load(cx)?;
    let container = containers::require_dev(cx, &inputs, "start")?;
    let wish = UpOptions { extras: ComposeOverlay::of_label(&container.extras), build: false, until_healthy: false };
    containers::up(cx, &inputs, &wish)?;
    Ok(Outcome::Done)
}
