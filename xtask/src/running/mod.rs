//! Where the user's commands run: in a container of an image, in the dev container or in the prefix.

mod dev_environment;
mod launch;

use std::slice;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use environment::Platform;
use images::{BuildOrder, BuildPlan, Freshness, Target, foreign};
use inputs::{Engine, Project};

pub use dev_environment::DevEnvironment;
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
    let image = target.image(&project.settings.image);
    if images::warn_if_stale(project, target, &Platform::of_containers())? != Freshness::Missing {
        return Ok(RunEnvironment::Image(target, image));
    }
    match inputs::choose(project.cx, &project.settings)? {
        Engine::Docker => {
            project.cx.ui.notice(format_args!("`{image}` has not been built yet"));
            images::build(project, &[target])?;
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
    if inputs::choose(project.cx, &project.settings)? == Engine::Native {
        bail!("`--platform` needs Docker: the native engine runs what this machine runs");
    }
    images::require_emulator(project.cx, platform)?;
    let image = target.image_for(&project.settings.image, platform);
    if images::warn_if_stale(project, target, platform)? == Freshness::Missing {
        project.cx.ui.notice(format_args!("`{image}` has not been built yet"));
        let targets = [target];
        let order = BuildOrder { platforms: slice::from_ref(platform), ..BuildOrder::ordinary(&targets) };
        BuildPlan::new(project, order)?.build(&targets)?;
    }
    Ok(RunEnvironment::Image(target, image))
}
