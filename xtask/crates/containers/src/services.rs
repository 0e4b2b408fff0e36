//! What is done with the containers of the compose files: by compose or, where there is none, one by one.

use anyhow::{Result, anyhow};

use docker::{Compose, ComposeOnlyKey, ContainerState, ServiceContainer};
use images::Target;
use inputs::Project;
use project::EngineChoice;

use super::{
    compose::read_service,
    dev_container::{list, read_if_successful},
    own_compose,
};

/// Something that is done with all services that people have started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceAction {
    /// Makes the containers, in place of those that are there.
    Create,
    Start,
    Unpause,
    Stop,
    /// Removes them, and volumes too where that is said.
    Remove {
        volumes: bool,
    },
}

impl ServiceAction {
    /// In compose's words.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Create => &["up", "--detach", "--no-build"],
            Self::Start => &["start"],
            Self::Unpause => &["unpause"],
            Self::Stop => &["stop"],
            // What only a service of another profile uses is not there for compose otherwise.
            Self::Remove { volumes: false } => &["--profile", "*", "down"],
            Self::Remove { volumes: true } => &["--profile", "*", "down", "--volumes"],
        }
    }
}

/// Does something with the services of these files.
pub fn act_on_services(project: &Project, compose: &Compose, action: ServiceAction) -> Result<()> {
    let cx = project.cx;
    if project.settings.engine != EngineChoice::Podman {
        return Ok(cx.runner.succeed(&compose.invocation(action.words().iter().copied()))?);
    }
    // What cannot be made must not cost what is there.
    let new = if action == ServiceAction::Create { Some(create(project, compose)?) } else { None };
    for container in list(project)?.into_iter().filter(|it| it.service.is_some()) {
        let is_running = container.state == ContainerState::Running;
        let invocation = match action {
            ServiceAction::Create | ServiceAction::Remove { .. } => container.forced_removal(),
            ServiceAction::Start => container.start(),
            ServiceAction::Unpause => container.unpause(),
            ServiceAction::Stop if is_running => container.stop(),
            ServiceAction::Stop => continue,
        };
        // It prints its name or id, which nobody has asked for.
        let answer = cx.runner.change(&invocation)?;
        answer.exit.success().then_some(()).ok_or_else(|| anyhow!("{}: {}", container.name, answer.stderr.trim()))?;
    }
    let Some(new) = new else { return Ok(()) };
    let answer = cx.runner.change(&new)?;
    answer.exit.success().then_some(()).ok_or_else(|| anyhow!("no dev container was made: {}", answer.stderr.trim()))
}

fn create(project: &Project, compose: &Compose) -> Result<process::Invocation> {
    let (cx, settings) = (project.cx, &project.settings);
    let service = read_service(cx, compose, Target::Dev)?;
    let hash = hash(project, compose)?;
    let container = ServiceContainer {
        service: &service,
        project: &settings.compose_project,
        directory: compose.directory,
        hash: &hash,
    };
    let refused = |ComposeOnlyKey(key)| anyhow!("the key `{key}` of the service `{}` needs compose", service.name);
    container.invocation(&cx.host).map_err(refused)
}

/// What changes when the dev container would be made differently. `None` where compose does not answer.
pub(super) fn definition_hash(project: &Project, compose: &Compose) -> Option<String> {
    if project.settings.engine == EngineChoice::Podman {
        return hash(project, compose).ok();
    }
    let answer = read_if_successful(project.cx, &compose.hash_query(Target::Dev.name()))?;
    answer.strip_prefix(Target::Dev.name()).map(|it| it.trim().to_owned())
}

fn hash(project: &Project, compose: &Compose) -> Result<String> {
    let config = own_compose::config(compose, &project.cx.host, &project.cx.layout.env_file())?;
    Ok(own_compose::hash(&config, Target::Dev.name()))
}
