//! The native engine: the environment as a prefix in the repository, without a container.

mod activation;
mod prefix;
mod steps;
mod tools;

pub use activation::NativeRun;
pub use prefix::{build, build_again, build_from, keep, remove, state, uv};
pub use steps::{Inputs, PrefixState, Step, steps, trusting};
pub use tools::{Tool, UV_VERSION, uv_installation};
