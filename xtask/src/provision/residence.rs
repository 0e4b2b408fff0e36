//! Where `exec` and `shell` go: the dev container, or the prefix.

use anyhow::Result;
use camino::Utf8PathBuf;

use super::{Engine, build_prefix, choose, dev};
use crate::context::Context;
use crate::docker::Container;
use crate::inputs::Inputs;
use crate::project::EngineChoice;

/// Where people develop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Residence {
    /// In the dev container, if there is one, in whatever state.
    Container(Option<Container>),
    /// In this prefix.
    Prefix(Utf8PathBuf),
}

impl Residence {
    /// Looks for it; a prefix is made what is asked for.
    pub fn find(cx: &Context, inputs: &Inputs) -> Result<Self> {
        // Whether a daemon answers is seen by the first question to it. Where it has no container, it has to be fit for one.
        if inputs.settings.engine != EngineChoice::Native
            && let Ok(containers) = dev::containers(cx, inputs)
            && let Some(container) = dev::of(cx, containers)?
        {
            return Ok(Self::Container(Some(container)));
        }
        match choose(cx, &inputs.settings)? {
            Engine::Docker => dev::find(cx, inputs).map(Self::Container),
            Engine::Native => build_prefix(cx, inputs).map(Self::Prefix),
        }
    }
}
