//! What images are made of.

pub mod base;
mod context;
mod image_inputs;
mod name;
pub mod size;
mod tags;
mod target;

pub use context::{ContextSources, build_context, context_files};
pub use image_inputs::ImageInputs;
pub use name::ImageName;
pub use tags::Tags;
pub use target::{Target, foreign, foreign_of_tag};
