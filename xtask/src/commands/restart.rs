//! `cargo xtask restart`

use anyhow::Result;

use containers::{ComposeOverlay, UpOptions};
use inputs::Project;
use process::Outcome;
use project::Context;

/// Stops the dev container and starts it again; what was installed in it stays.
pub fn run(cx: &Context) -> Result<Outcome> {
    let project = Project::load(cx)?;
    let container = containers::require_dev(&project, "restart")?;
    containers::command(&project, &container, &["stop"])?;
    let wish = UpOptions { extras: ComposeOverlay::of_label(&container.overlays), build: false, until_healthy: false };
    containers::up(&project, &wish)?;
    Ok(Outcome::Done)
}
