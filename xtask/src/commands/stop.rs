//! `cargo xtask stop`

use anyhow::Result;

use containers::ServiceAction;
use docker::ContainerState;
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::StopArgs;

impl StopArgs {
    /// Stops the dev container and the other services of the compose files, or ends jobs.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        if self.jobs.is_empty() {
            return stop_dev_container(&project);
        }
        containers::require_docker(&project, "stop")?;
        self.jobs.iter().try_for_each(|it| containers::stop_job(&project, it))?;
        Ok(Outcome::Done)
    }
}

fn stop_dev_container(project: &Project) -> Result<Outcome> {
    let container = containers::require_dev_container(project, "stop")?;
    if container.state == ContainerState::Stopped {
        project.cx.ui.notice("the dev container is already stopped");
    } else {
        containers::run_on_services(project, &container, ServiceAction::Stop)?;
    }
    Ok(Outcome::Done)
}
