//! Where people develop, which is where `exec` and `shell` go: the dev container, or the prefix.

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use docker::{Container, ContainerState};
use images::{PlatformPlan, Target};
use inputs::{Engine, Project};
use project::{Context, EngineChoice};
use report::Findings;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevEnvironment {
    /// The dev container, running or not; `None` where there is none yet.
    Container(Option<Box<Container>>),
    Prefix(Utf8PathBuf),
}

impl DevEnvironment {
    /// Finds it. Docker is asked only where it is not known that the dev container runs. A prefix is brought up to date first.
    pub fn find(project: &Project) -> Result<Self> {
        if project.settings.engine != EngineChoice::Native {
            if let Some(container) = containers::recall(project) {
                return Ok(Self::Container(Some(Box::new(container))));
            }
            // A daemon that lists a dev container needs no other check, which would cost a second question.
            if let Ok(containers) = containers::list(project)
                && let Some(container) = containers::find_dev_among(project.cx, containers)?
            {
                containers::remember(project, &container);
                return Ok(Self::Container(Some(Box::new(container))));
            }
        }
        match Engine::choose(project.cx, &project.settings)? {
            Engine::Docker | Engine::Podman => {
                containers::find_dev(project).map(|it| Self::Container(it.map(Box::new)))
            }
            Engine::Native => prefixes::build(project).map(Self::Prefix),
        }
    }
}

/// Fails where commands cannot be started in the dev container, and says what helps.
pub fn require_running(container: Option<Container>) -> Result<Container> {
    match container {
        Some(container) if container.state == ContainerState::Running => Ok(container),
        Some(container) => bail!("the dev container is {}: `cargo xtask start` starts it again", container.state),
        None => bail!("there is no dev container: `cargo xtask up` starts one"),
    }
}

/// Warns where the dev container is out of date. Inputs that cannot be read stop no command in a container that runs.
pub fn warn_if_stale(project: &Project, container: &Container) {
    match PlatformPlan::of_this_machine(project) {
        Ok(plan) => {
            let inputs = plan.inputs(Target::Dev);
            if !containers::is_frozen_as(project, container, inputs.hash()) {
                images::warn_if_container_is_stale(project.cx, inputs, container);
            }
        }
        Err(error) => match error.downcast_ref::<Findings>() {
            Some(findings) => project.cx.report(findings),
            None => project.cx.ui.notice(format_args!("warning: {error:#}")),
        },
    }
}

/// Keeps that the dev container with this full id has what the dependency files ask for, which have just been frozen from it.
pub fn mark_frozen(cx: &Context, container: &str) -> Result<()> {
    let project = Project::load(cx)?;
    let plan = PlatformPlan::of_this_machine(&project)?;
    containers::mark_frozen(&project, container, plan.inputs(Target::Dev).hash());
    Ok(())
}
