//! Where `exec` and `shell` go: the dev container, or the prefix.

use std::thread;

use anyhow::Result;
use camino::Utf8PathBuf;

use docker::{Container, ContainerState};
use images::{Target, freshness};
use inputs::{Engine, Project, choose};
use project::{Context, EngineChoice};

/// Where people develop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevEnvironment {
    /// In the dev container, if there is one, in whatever state.
    Container(Option<Container>),
    /// In this prefix.
    Prefix(Utf8PathBuf),
}

impl DevEnvironment {
    /// Looks for it, and warns where it runs and was not made of what is asked for. What that is is found out while Docker
    /// answers: people wait for it.
    pub fn enter(project: &Project) -> Result<Self> {
        let (found, wanted) = thread::scope(|scope| {
            let wanted = scope.spawn(|| freshness::wanted(project, Target::Dev));
            (Self::find(project), wanted.join())
        });
        let found = found?;
        if let (Self::Container(Some(container)), Ok(wanted)) = (&found, wanted)
            && container.state == ContainerState::Running
        {
            freshness::tell_of_container(project.cx, &wanted?, container);
        }
        Ok(found)
    }

    /// Looks for it; a prefix is made what is asked for.
    fn find(project: &Project) -> Result<Self> {
        // Whether a daemon answers is seen by the first question to it. Where it has no container, it has to be fit for one.
        if project.settings.engine != EngineChoice::Native
            && let Ok(containers) = containers::containers(project)
            && let Some(container) = containers::of(project.cx, containers)?
        {
            return Ok(Self::Container(Some(container)));
        }
        match choose(project.cx, &project.settings)? {
            Engine::Docker => containers::find(project).map(Self::Container),
            Engine::Native => prefixes::build(project).map(Self::Prefix),
        }
    }
}
