//! Which engine it is.

use anyhow::{Error, Result};

use docker::{Docker, Endpoint, Unavailable};
use environment::Platform;
use project::{Context, EngineChoice, Settings, system::System};

/// Where commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// In containers.
    Docker,
    /// In a prefix in the repository.
    Native,
}

impl Engine {
    /// The platform of what it runs.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Docker => Platform::of_containers(),
            Self::Native => Platform::of_host(),
        }
    }
}

/// What the settings ask for, or with `ENGINE=auto` what this machine has.
pub fn choose(cx: &Context, settings: &Settings) -> Result<Engine> {
    match (settings.engine, || Docker::probe(&cx.runner)) {
        (EngineChoice::Native, _) => Ok(Engine::Native),
        (EngineChoice::Docker, probe) => probe().map(|_| Engine::Docker).map_err(|why| Error::msg(explain(cx, &why))),
        (EngineChoice::Auto, probe) => Ok(probe().map_or_else(
            |why| {
                cx.ui.notice(format_args!("using the native engine, because {}", explain(cx, &why)));
                Engine::Native
            },
            |_| Engine::Docker,
        )),
    }
}

/// Why Docker cannot be used and what helps here, in one line: what `doctor` says of it.
pub fn explain(cx: &Context, why: &Unavailable) -> String {
    let answer = cx.runner.read(&Endpoint::query()).map(|it| it.stdout).unwrap_or_default();
    let endpoint = Endpoint::new(&answer, cx.host.get("DOCKER_HOST"));
    format!("{why} (fix: {})", why.fix(&System::detect(), &endpoint))
}
