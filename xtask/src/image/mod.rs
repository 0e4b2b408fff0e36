//! What images are made of.

mod context;
mod target;

pub use context::{ContextSources, build_context, context_files};
pub use target::Target;
