//! What images are made of.

mod context;
mod target;

pub use context::{ContextSources, build_context};
pub use target::Target;
