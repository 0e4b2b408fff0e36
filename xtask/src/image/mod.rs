//! What images are made of.

mod context;
mod inputs_hash;
mod target;

pub use context::{ContextSources, build_context, context_files};
pub use inputs_hash::InputsHash;
pub use target::Target;
