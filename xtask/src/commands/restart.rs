//! `cargo xtask restart`

use anyhow::Result;

use containers::{ServiceAction, UpOptions};
use inputs::Project;
use process::Outcome;
use project::Context;

/// Stops the dev container and starts it again; what was installed in it stays.
pub fn run(cx: &Context) -> Result<Outcome> {
    let project = Project::load(cx)?;
    let container = containers::require_dev_container(&project, "restart")?;
    containers::run_on_services(&project, &container, ServiceAction::Stop)?;
    containers::up(&project, &UpOptions::as_before(&container))?;
    Ok(Outcome::Done)
}
