//! The native engine: the environment as a prefix in the repository, without a container.

mod activation;
mod prefix;
mod steps;
mod tools;

pub use activation::NativeRun;
pub use prefix::{build, build_again, build_from, keep, remove, state, uv};
pub use steps::{StepPaths, PrefixState, PrefixStep, steps, trusting};
pub use tools::{UvProgram, UV_VERSION, uv_installation};
