//! Where people develop, which is where `exec` and `shell` go: the dev container, or the prefix.

use std::thread;

use anyhow::Result;
use camino::Utf8PathBuf;

use docker::{Container, ContainerState};
use images::{PlatformPlan, Target};
use inputs::{Engine, Project};
use project::EngineChoice;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevEnvironment {
    /// The dev container, running or not; `None` where there is none yet.
    Container(Option<Container>),
    Prefix(Utf8PathBuf),
}

impl DevEnvironment {
    /// Finds it, and warns where the dev container runs and is out of date. What would be built now is worked out while Docker
    /// answers, because people wait for it.
    pub fn find_and_warn(project: &Project) -> Result<Self> {
        if project.settings.engine == EngineChoice::Native {
            return Self::find(project);
        }
        let (environment, plan) = thread::scope(|scope| {
            let plan = scope.spawn(|| PlatformPlan::of_this_machine(project));
            (Self::find(project), plan.join())
        });
        let environment = environment?;
        if let (Self::Container(Some(container)), Ok(plan)) = (&environment, plan)
            && container.state == ContainerState::Running
        {
            images::warn_if_container_is_stale(project.cx, plan?.inputs(Target::Dev), container);
        }
        Ok(environment)
    }

    /// A prefix is brought up to date first.
    fn find(project: &Project) -> Result<Self> {
        // A daemon that lists a dev container needs no other check, which would cost a second question.
        if project.settings.engine != EngineChoice::Native
            && let Ok(containers) = containers::list(project)
            && let Some(container) = containers::find_dev_among(project.cx, containers)?
        {
            return Ok(Self::Container(Some(container)));
        }
        match Engine::choose(project.cx, &project.settings)? {
            Engine::Docker => containers::find_dev(project).map(Self::Container),
            Engine::Native => prefixes::build(project).map(Self::Prefix),
        }
    }
}
