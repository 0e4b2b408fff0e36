//! `cargo xtask stop`

use anyhow::Result;

use docker::ContainerState;
use inputs::Project;
use process::Outcome;
use project::Context;

/// Stops the dev container, and what the compose files put beside it.
pub fn run(cx: &Context) -> Result<Outcome> {
    let project = Project::load(cx)?;
    let container = containers::require_dev(&project, "stop")?;
    if container.state == ContainerState::Stopped {
        cx.ui.notice("the dev container is stopped already");
    } else {
        containers::command(&project, &container, &["stop"])?;
    }
    Ok(Outcome::Done)
}
