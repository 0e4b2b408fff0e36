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
mod prefix;
mod recipe;
mod registry;
mod require;
mod residence;
mod size;
mod snapshot;
mod solve;
mod ssh;
mod variables;
mod verify;

use anyhow::Result;
use camino::Utf8PathBuf;

use crate::context::Context;
use crate::image::Target;
use crate::inputs::Inputs;

pub use base::{BaseRequest, make as make_base};
pub use compose::Extra;
pub use dev::{Wish, command as compose_command, containers, find as find_dev, is_older, up, with_compose};
pub use dev_files::give_all;
pub use drift::drift;
pub use engine::{Engine, choose, explain};
pub use freshness::{Freshness, freshness, tell as tell_freshness};
pub use image::{build as build_image, build_from as build_image_from, exists as image_exists};
pub use jupyter::Jupyter;
pub use launch::{Launch, terminal};
pub use lock::{
    changes as lock_changes, of_snapshot as lock_of, read as read_lock, tell as tell_of_lock, write as write_changes,
};
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
