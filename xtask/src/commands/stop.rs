//! `cargo xtask stop`

use anyhow::Result;

use docker::ContainerState;
use inputs::Project;
use process::Outcome;
use project::Context;

/// Stops the dev container and the other services of the compose files.
pub fn run(cx: &Context) -> Result<Outcome> {
    let project = Project::load(cx)?;
    let container = containers::require_dev_container(&project, "stop")?;
    if container.state == ContainerState::Stopped {
        cx.ui.notice("the dev container is already stopped");
    } else {
        containers::run_compose(&project, &container, &["stop"])?;
    }
    Ok(Outcome::Done)
}
