//! The choice of the engine.

use anyhow::{Error, Result};

use super::dialect::dialect;
use docker::{Capability, Docker, Endpoint, Podman, Unavailable};
use environment::Platform;
use project::{Context, EngineChoice, Settings, system::System};

/// Where commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    Docker,
    /// podman in Docker's place: the same images and containers.
    Podman,
    /// In a prefix in the repository.
    Native,
}

impl Engine {
    /// What the settings say, or with `ENGINE=auto` what this machine has.
    pub fn choose(cx: &Context, settings: &Settings) -> Result<Self> {
        match settings.engine {
            EngineChoice::Native => Ok(Self::Native),
            EngineChoice::Docker => match Docker::probe(&cx.runner) {
                Ok(_) => Ok(Self::Docker),
                Err(unavailable) => Err(Error::msg(explain_unavailable(cx, &unavailable))),
            },
            EngineChoice::Podman => match Podman::probe(&cx.runner) {
                Ok(_) => Ok(Self::Podman),
                Err(unavailable) => Err(Error::msg(explain_unavailable(cx, &unavailable))),
            },
            EngineChoice::Auto => match Docker::probe(&cx.runner) {
                Ok(_) => Ok(Self::Docker),
                Err(unavailable) => {
                    let why = explain_unavailable(cx, &unavailable);
                    cx.ui.notice(format_args!("using the native engine, because {why}"));
                    Ok(Self::Native)
                }
            },
        }
    }

    /// The one to solve for, which needs no daemon where the settings say Docker.
    pub fn to_solve_for(cx: &Context, settings: &Settings) -> Result<Self> {
        match settings.engine {
            EngineChoice::Docker => Ok(Self::Docker),
            EngineChoice::Podman => Ok(Self::Podman),
            EngineChoice::Native | EngineChoice::Auto => Self::choose(cx, settings),
        }
    }

    /// Whether it has images and containers.
    pub fn has_containers(&self) -> bool {
        *self != Self::Native
    }

    /// As in the setting `ENGINE`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Native => "native",
        }
    }

    /// The platform of the programs that the engine runs.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Docker | Self::Podman => Platform::of_containers(),
            Self::Native => Platform::of_host(),
        }
    }
}

/// Whether there is an engine that has images, whatever `ENGINE` says otherwise.
pub fn probe_containers(cx: &Context) -> Result<(), Unavailable> {
    match dialect(&cx.layout, &cx.host) {
        Some(_) => Podman::probe(&cx.runner).map(drop),
        None => Docker::probe(&cx.runner).map(drop),
    }
}

/// Fails where the settings choose podman and it lacks something, with the reason.
pub fn require_capability(settings: &Settings, capability: Capability) -> Result<()> {
    match capability.refusal().filter(|_| settings.engine == EngineChoice::Podman) {
        Some(refusal) => Err(Error::msg(refusal)),
        None => Ok(()),
    }
}

/// Why Docker or podman cannot be used, and the fix, in one line and in the words of `doctor`.
pub fn explain_unavailable(cx: &Context, unavailable: &Unavailable) -> String {
    // podman is asked nothing here, and has no endpoint.
    let answer = cx.runner.read(&Endpoint::query()).map(|it| it.stdout).unwrap_or_default();
    let endpoint = Endpoint::new(&answer, cx.host.get("DOCKER_HOST"));
    format!("{unavailable} (fix: {})", unavailable.fix(&System::detect(), &endpoint))
}
