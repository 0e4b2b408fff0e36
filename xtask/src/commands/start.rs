//! `cargo xtask start`

use anyhow::Result;

use containers::UpOptions;
use inputs::Project;
use process::Outcome;
use project::Context;

/// Starts the dev container that was stopped. Unlike `up`, it creates none.
pub fn run(cx: &Context) -> Result<Outcome> {
    let project = Project::load(cx)?;
    let container = containers::require_dev_container(&project, "start")?;
    containers::up(&project, &UpOptions::as_before(&container))?;
    Ok(Outcome::Done)
}
