//! What verbs that need Docker say where there is none, or no dev container.

use anyhow::{Context as _, Result, bail};

use docker::Container;
use inputs::{Engine, Project};

use super::dev;

/// Fails on the native engine, which has no container.
pub fn docker(project: &Project, verb: &str) -> Result<()> {
    if Engine::choose(project.cx, &project.settings)? == Engine::Native {
        bail!("`{verb}` needs Docker: the native engine has no container; `cargo xtask doctor` tells what is missing");
    }
    Ok(())
}

/// The dev container, in whatever state.
pub fn dev(project: &Project, verb: &str) -> Result<Container> {
    docker(project, verb)?;
    dev::find(project)?.context("there is no dev container: `cargo xtask up` starts one")
}
