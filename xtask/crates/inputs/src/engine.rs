//! The choice of the engine.

use anyhow::{Error, Result};

use docker::{Docker, Endpoint, Unavailable};
use environment::Platform;
use project::{Context, EngineChoice, Settings, system::System};

/// Where commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    Docker,
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
            EngineChoice::Native | EngineChoice::Auto => Self::choose(cx, settings),
        }
    }

    /// The platform of the programs that the engine runs.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Docker => Platform::of_containers(),
            Self::Native => Platform::of_host(),
        }
    }
}

/// Why Docker cannot be used, and the fix, in one line and in the words of `doctor`.
pub fn explain_unavailable(cx: &Context, unavailable: &Unavailable) -> String {
    let answer = cx.runner.read(&Endpoint::query()).map(|it| it.stdout).unwrap_or_default();
    let endpoint = Endpoint::new(&answer, cx.host.get("DOCKER_HOST"));
    format!("{unavailable} (fix: {})", unavailable.fix(&System::detect(), &endpoint))
}
