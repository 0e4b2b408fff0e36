//! Where the user's commands run: in a container of an image, in the dev container or in the prefix.

mod attended;
mod dev_environment;
mod launch;

use std::slice;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use environment::Platform;
use images::{BuildPlan, Target, foreign};
use inputs::{Engine, Project};
use project::EngineChoice;

pub use attended::attend;
pub use dev_environment::{DevEnvironment, require_running, warn_if_stale};
pub use launch::{Launch, connect};

/// An environment that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnvironment {
    /// The target, and the name of its image.
    Image(Target, String),
    Prefix(Utf8PathBuf),
}

/// The environment of a target. A missing image is built first; a prefix is brought up to date.
pub fn ensure_built(project: &Project, target: Target) -> Result<RunEnvironment> {
    if project.settings.engine == EngineChoice::Native {
        return prefixes::build(project).map(RunEnvironment::Prefix);
    }
    let targets = [target];
    let plan = BuildPlan::to_use(project, &targets, &[])?;
    if let Some(image) = plan.image_to_use(target) {
        return Ok(RunEnvironment::Image(target, image));
    }
    let image = plan.image(target);
    match Engine::choose(project.cx, &project.settings)? {
        Engine::Docker => {
            project.cx.ui.notice(format_args!("`{image}` has not been built yet"));
            plan.build(&targets)?;
            Ok(RunEnvironment::Image(target, image))
        }
        Engine::Native => prefixes::build(project).map(RunEnvironment::Prefix),
    }
}

/// [`ensure_built`] for a platform that the user may have named.
pub fn ensure_built_for(project: &Project, target: Target, platform: &Platform) -> Result<RunEnvironment> {
    if foreign(platform).is_none() {
        return ensure_built(project, target);
    }
    if Engine::choose(project.cx, &project.settings)? == Engine::Native {
        bail!("`--platform` needs Docker: the native engine runs what this machine runs");
    }
    images::require_emulator(project.cx, platform)?;
    let targets = [target];
    let plan = BuildPlan::to_use(project, &targets, slice::from_ref(platform))?;
    if let Some(image) = plan.image_to_use(target) {
        return Ok(RunEnvironment::Image(target, image));
    }
    let image = plan.image(target);
    project.cx.ui.notice(format_args!("`{image}` has not been built yet"));
    plan.build(&targets)?;
    Ok(RunEnvironment::Image(target, image))
}
