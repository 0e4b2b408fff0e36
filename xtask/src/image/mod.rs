//! What images are made of.

pub mod base;
mod context;
mod image_inputs;
pub mod size;
mod target;

pub use context::{ContextSources, build_context, context_files};
pub use image_inputs::ImageInputs;
pub use target::Target;
