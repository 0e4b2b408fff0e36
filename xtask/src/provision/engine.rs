//! Which engine it is.

use anyhow::Result;

use crate::context::Context;
use crate::docker::Docker;
use crate::project::{EngineChoice, Settings};

/// Where commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// In containers.
    Docker,
    /// In a prefix in the repository.
    Native,
}

/// What the settings ask for, or with `ENGINE=auto` what this machine has.
pub fn choose(cx: &Context, settings: &Settings) -> Result<Engine> {
    match (settings.engine, || Docker::probe(&cx.runner)) {
        (EngineChoice::Native, _) => Ok(Engine::Native),
        (EngineChoice::Docker, probe) => probe().map(|_| Engine::Docker).map_err(Into::into),
        (EngineChoice::Auto, probe) => Ok(probe().map_or_else(
            |why| {
                cx.ui.notice(format_args!("using the native engine, because {why}"));
                Engine::Native
            },
            |_| Engine::Docker,
        )),
    }
}
