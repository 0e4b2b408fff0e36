//! Where commands run: in an image, in the dev container or in the prefix.

mod launch;
mod residence;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use docker::{CachePolicy, Caches};
use environment::Platform;
use images::{BuildOrder, Delivery, Freshness, Target, foreign};
use inputs::{Engine, Inputs};
use project::Context;

pub use launch::{Launch, terminal};
pub use residence::DevEnvironment;

/// Where commands can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnvironment {
    /// In containers of this target's image.
    Image(Target, String),
    /// In this prefix.
    Prefix(Utf8PathBuf),
}

/// The environment of a target, made first if it is not there.
pub fn ensure(cx: &Context, inputs: &Inputs, target: Target) -> Result<RunEnvironment> {
    let image = target.image(&inputs.settings.image);
    if images::tell(cx, inputs, target)? != Freshness::Missing {
        return Ok(RunEnvironment::Image(target, image));
    }
    match inputs::choose(cx, &inputs.settings)? {
        Engine::Docker => {
            cx.ui.notice(format_args!("there is no image `{image}` yet"));
            images::build(cx, inputs, &[target])?;
            Ok(RunEnvironment::Image(target, image))
        }
        Engine::Native => prefixes::build(cx, inputs).map(RunEnvironment::Prefix),
    }
}

/// As [`ensure`], for an image of a platform that is named.
pub fn ensure_for(cx: &Context, inputs: &Inputs, target: Target, platform: &Platform) -> Result<RunEnvironment> {
    if foreign(platform).is_none() {
        return ensure(cx, inputs, target);
    }
    if inputs::choose(cx, &inputs.settings)? == Engine::Native {
        bail!("`--platform` needs Docker: the native engine runs what this machine runs");
    }
    images::require_emulator(cx, platform)?;
    let image = target.image_for(&inputs.settings.image, platform);
    if images::tell_for(cx, inputs, target, platform)? == Freshness::Missing {
        cx.ui.notice(format_args!("there is no image `{image}` yet"));
        let order = BuildOrder {
            targets: &[target],
            platforms: std::slice::from_ref(platform),
            builder: None,
            name: None,
            delivery: Delivery::Load,
            caches: Caches::default(),
            is_locked: false,
            freedom: CachePolicy::default(),
        };
        images::build_for(cx, inputs, &order)?;
    }
    Ok(RunEnvironment::Image(target, image))
}
