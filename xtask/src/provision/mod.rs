//! Makes sure that there is an environment to run in.

mod devices;
mod engine;
mod image;
mod launch;
mod prefix;

use anyhow::Result;
use camino::Utf8PathBuf;

use crate::context::Context;
use crate::image::Target;
use crate::inputs::Inputs;

pub use engine::{Engine, choose, explain};
pub use image::{build as build_image, exists as image_exists};
pub use launch::Launch;
pub use prefix::{build as build_prefix, uv};

/// Where commands can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In containers of this image.
    Image(String),
    /// In this prefix.
    Prefix(Utf8PathBuf),
}

/// The environment of a target, made first if it is not there.
pub fn ensure(cx: &Context, inputs: &Inputs, target: Target) -> Result<Place> {
    let image = target.image(&inputs.settings.image);
    if image::exists(cx, inputs, &image) {
        return Ok(Place::Image(image));
    }
    match choose(cx, &inputs.settings)? {
        Engine::Docker => {
            cx.ui.notice(format_args!("there is no image `{image}` yet"));
            build_image(cx, inputs, &[target])?;
            Ok(Place::Image(image))
        }
        Engine::Native => build_prefix(cx, inputs).map(Place::Prefix),
    }
}
