//! Where `exec` and `shell` go: the dev container, or the prefix.

use std::thread;

use anyhow::Result;
use camino::Utf8PathBuf;

use docker::{Container, ContainerState};
use images::{PlatformPlan, Target};
use inputs::{Engine, Project};
use project::EngineChoice;

/// Where people develop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevEnvironment {
    /// In the dev container, if there is one, in whatever state.
    Container(Option<Container>),
    /// In this prefix.
    Prefix(Utf8PathBuf),
}

impl DevEnvironment {
    /// Finds it, and warns where it runs and is out of date. What would be built now is worked out while Docker answers:
    /// people wait for it.
    pub fn enter(project: &Project) -> Result<Self> {
        if project.settings.engine == EngineChoice::Native {
            return Self::find(project);
        }
        let (found, plan) = thread::scope(|scope| {
            let plan = scope.spawn(|| PlatformPlan::of_this_machine(project));
            (Self::find(project), plan.join())
        });
        let found = found?;
        if let (Self::Container(Some(container)), Ok(plan)) = (&found, plan)
            && container.state == ContainerState::Running
        {
            images::warn_if_container_is_stale(project.cx, plan?.inputs(Target::Dev), container);
        }
        Ok(found)
    }

    /// Finds it; a prefix is brought up to date.
    fn find(project: &Project) -> Result<Self> {
        // Whether a daemon answers is seen by the first question to it. Where it has no container, it has to be fit for one.
        if project.settings.engine != EngineChoice::Native
            && let Ok(containers) = containers::containers(project)
            && let Some(container) = containers::of(project.cx, containers)?
        {
            return Ok(Self::Container(Some(container)));
        }
        match Engine::choose(project.cx, &project.settings)? {
            Engine::Docker => containers::find(project).map(Self::Container),
            Engine::Native => prefixes::build(project).map(Self::Prefix),
        }
    }
}
