//! `cargo xtask start`

use anyhow::Result;

use containers::{ComposeOverlay, UpOptions};
use inputs::Project;
use process::Outcome;
use project::Context;

/// Starts the dev container that is there. Unlike `up`, it makes none.
pub fn run(cx: &Context) -> Result<Outcome> {
    let project = Project::load(cx)?;
    let container = containers::require_dev(&project, "start")?;
    let wish = UpOptions { extras: ComposeOverlay::of_label(&container.overlays), build: false, until_healthy: false };
    containers::up(&project, &wish)?;
    Ok(Outcome::Done)
}
