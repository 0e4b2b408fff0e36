//! Makes sure that there is an environment to run in.

mod base;
mod commit;
mod compose;
mod dev;
mod dev_files;
mod devices;
mod drift;
mod engine;
mod freshness;
mod health;
mod image;
mod jupyter;
mod launch;
mod lease;
mod lock;
mod overview;
mod platforms;
mod prefix;
mod recipe;
mod registry;
mod require;
mod residence;
mod session;
mod size;
mod snapshot;
mod solve;
mod ssh;
mod summary;
mod variables;
mod verify;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use crate::context::Context;
use crate::docker::{Caches, Delivery, Freedom};
use crate::environment::Platform;
use crate::image::{Target, foreign};
use crate::inputs::Inputs;

pub use base::{BaseRequest, make as make_base};
pub use compose::Extra;
pub use dev::{Wish, command as compose_command, containers, find as find_dev, is_older, up, with_compose};
pub use dev_files::give_all;
pub use drift::drift;
pub use engine::{Engine, choose, explain};
pub use freshness::{Freshness, freshness};
pub use image::{build as build_image, build_from as build_image_from, exists as image_exists};
pub use jupyter::Jupyter;
pub use launch::{Launch, terminal};
pub use lock::{
    changes as lock_changes, of_snapshot as lock_of, read as read_lock, tell as tell_of_lock, write as write_changes,
};
pub use overview::{Standing, overview};
pub use platforms::{BuildOrder, build_for};
pub use prefix::{
    build as build_prefix, build_from as build_prefix_from, keep as keep_native, remove as remove_prefix,
    state as prefix_state, uv,
};
pub use recipe::{Recipe, locked_recipe, recipe};
pub use registry::{pull, push, shared_name};
pub use require::{dev as require_dev, docker as require_docker};
pub use residence::Residence;
pub use size::measure as measure_image;
pub use snapshot::{From, Taken, take as snapshot};
pub use solve::solve;
pub use ssh::{KeySources, Ssh};
pub use verify::verify;

/// Where commands can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In containers of this target's image.
    Image(Target, String),
    /// In this prefix.
    Prefix(Utf8PathBuf),
}

/// The environment of a target, made first if it is not there.
pub fn ensure(cx: &Context, inputs: &Inputs, target: Target) -> Result<Place> {
    let image = target.image(&inputs.settings.image);
    if freshness::tell(cx, inputs, target)? != Freshness::Missing {
        return Ok(Place::Image(target, image));
    }
    match choose(cx, &inputs.settings)? {
        Engine::Docker => {
            cx.ui.notice(format_args!("there is no image `{image}` yet"));
            build_image(cx, inputs, &[target])?;
            Ok(Place::Image(target, image))
        }
        Engine::Native => build_prefix(cx, inputs).map(Place::Prefix),
    }
}

/// As [`ensure`], for an image of a platform that is named.
pub fn ensure_for(cx: &Context, inputs: &Inputs, target: Target, platform: &Platform) -> Result<Place> {
    if foreign(platform).is_none() {
        return ensure(cx, inputs, target);
    }
    if choose(cx, &inputs.settings)? == Engine::Native {
        bail!("`--platform` needs Docker: the native engine runs what this machine runs");
    }
    platforms::require_emulator(cx, platform)?;
    let image = target.image_for(&inputs.settings.image, platform);
    if freshness::tell_for(cx, inputs, target, platform)? == Freshness::Missing {
        cx.ui.notice(format_args!("there is no image `{image}` yet"));
        let order = BuildOrder {
            targets: &[target],
            platforms: std::slice::from_ref(platform),
            builder: None,
            name: None,
            delivery: Delivery::Load,
            caches: Caches::default(),
            is_locked: false,
            freedom: Freedom::default(),
        };
        build_for(cx, inputs, &order)?;
    }
    Ok(Place::Image(target, image))
}
