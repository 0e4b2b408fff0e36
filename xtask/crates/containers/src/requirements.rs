//! What a verb cannot do without: Docker, a dev container, the devices and programs of an overlay.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use docker::Container;
use inputs::{Engine, Project};
use project::Context;

use super::{ComposeOverlay, cuda, dev_container, devices, jupyter};

/// Fails on the native engine, which has no containers.
pub fn require_docker(project: &Project, verb: &str) -> Result<()> {
    if Engine::choose(project.cx, &project.settings)? == Engine::Native {
        bail!("`{verb}` needs Docker: the native engine has no container; `cargo xtask doctor` shows what is missing");
    }
    Ok(())
}

/// The dev container, running or not.
pub fn require_dev_container(project: &Project, verb: &str) -> Result<Container> {
    require_docker(project, verb)?;
    dev_container::find_dev(project)?.context("there is no dev container: `cargo xtask up` starts one")
}

/// Fails where this machine or the image lacks what an overlay needs, before a container is made for nothing.
pub fn require_overlays(cx: &Context, overlays: &BTreeSet<ComposeOverlay>, image: &str) -> Result<()> {
    // A dry run has not built the image that a trial container would be started from.
    if cx.is_dry_run() {
        return Ok(());
    }
    overlays.iter().try_for_each(|overlay| match overlay {
        ComposeOverlay::Gpu => {
            devices::require_nvidia(cx, image)?;
            cuda::warn_of_misfit(cx, image)
        }
        ComposeOverlay::Rocm => devices::require_amd(),
        ComposeOverlay::Jupyter => jupyter::require_jupyterlab(cx, image),
        ComposeOverlay::Ssh => Ok(()),
    })
}
