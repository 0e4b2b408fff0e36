//! Where the user's commands run: in a container of an image, in the dev container or in the prefix.

mod attended;
mod dev_environment;
mod launch;
mod recording;

use std::slice;

use anyhow::{Context as _, Result, bail};
use camino::Utf8PathBuf;

use docker::Capability;
use environment::Platform;
use images::{BuildPlan, FoundImage, StaleImage, Target, foreign};
use inputs::{Engine, Project, require_capability};
use process::EnvArg;
use project::EngineChoice;

pub use attended::attend;
pub use dev_environment::{DevEnvironment, mark_frozen, require_running, warn_if_stale};
pub use launch::{Launch, connect};
pub use recording::{Recording, RunPlace};

/// An environment that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnvironment {
    /// The target, and the name of its image.
    Image(Target, String),
    Prefix(Utf8PathBuf),
}

/// The variables of the settings for a command in a container that may be older than these, and then those of the command line.
pub fn with_own(project: &Project, passed: &[EnvArg]) -> Vec<EnvArg> {
    let own = project.settings.own.iter().map(|(name, value)| EnvArg::Set(name.clone(), value.clone()));
    own.chain(passed.iter().cloned()).collect()
}

/// The environment of a target. A missing one is built first, and so is one that is out of date, where `sync` or else the settings
/// say so.
pub fn ensure_built(project: &Project, target: Target, sync: Option<bool>) -> Result<RunEnvironment> {
    let syncs = sync.unwrap_or(project.settings.syncs);
    if project.settings.engine == EngineChoice::Native {
        return ensure_prefix(project, syncs).map(RunEnvironment::Prefix);
    }
    let targets = [target];
    let plan = BuildPlan::to_use(project, &targets, &[])?;
    let found = plan.find_image(target, stale_image(syncs));
    if let FoundImage::Usable(image) = found {
        return Ok(RunEnvironment::Image(target, image));
    }
    match Engine::choose(project.cx, &project.settings)? {
        Engine::Docker | Engine::Podman => build(project, &plan, target, &found),
        Engine::Native => ensure_prefix(project, syncs).map(RunEnvironment::Prefix),
    }
}

/// [`ensure_built`] for a platform that the user may have named.
pub fn ensure_built_for(
    project: &Project,
    target: Target,
    sync: Option<bool>,
    platform: &Platform,
) -> Result<RunEnvironment> {
    if foreign(platform).is_none() {
        return ensure_built(project, target, sync);
    }
    if Engine::choose(project.cx, &project.settings)? == Engine::Native {
        bail!("`--platform` needs Docker: the native engine runs what this machine runs");
    }
    require_capability(&project.settings, Capability::SeveralPlatforms)?;
    images::require_emulator(project.cx, platform)?;
    let targets = [target];
    let plan = BuildPlan::to_use(project, &targets, slice::from_ref(platform))?;
    match plan.find_image(target, stale_image(sync.unwrap_or(project.settings.syncs))) {
        FoundImage::Usable(image) => Ok(RunEnvironment::Image(target, image)),
        found => build(project, &plan, target, &found),
    }
}

fn stale_image(syncs: bool) -> StaleImage {
    if syncs { StaleImage::Refused } else { StaleImage::Used }
}

fn build(project: &Project, plan: &BuildPlan, target: Target, found: &FoundImage) -> Result<RunEnvironment> {
    let image = plan.image(target);
    let built = if *found == FoundImage::Stale {
        plan.build(&[target]).context("the image is out of date, and was not built (`--no-sync` runs it as it is)")
    } else {
        project.cx.ui.notice(format_args!("`{image}` has not been built yet"));
        plan.build(&[target])
    };
    built.map(|()| RunEnvironment::Image(target, image))
}

/// The prefix, brought up to date if it has to be or is not there.
pub fn ensure_prefix(project: &Project, syncs: bool) -> Result<Utf8PathBuf> {
    match prefixes::find_whole(project.cx) {
        Some(prefix) if !syncs => {
            prefixes::warn_if_stale(project)?;
            Ok(prefix)
        }
        _ => prefixes::build(project),
    }
}
