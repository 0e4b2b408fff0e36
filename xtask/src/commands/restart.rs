//! `cargo xtask restart`

use anyhow::Result;

use containers::{ComposeOverlay, UpOptions};
use inputs::Inputs;
use process::Outcome;
use project::Context;

/// Stops the dev container and starts it again; what was installed in it stays.
pub fn run(cx: &Context) -> Result<Outcome> {
    let inputs = Inputs::load(cx)?;
    let container = containers::require_dev(cx, &inputs, "restart")?;
    containers::command(cx, &inputs, &container, &["stop"])?;
    let wish = UpOptions { extras: ComposeOverlay::of_label(&container.extras), build: false, until_healthy: false };
    containers::up(cx, &inputs, &wish)?;
    Ok(Outcome::Done)
}
