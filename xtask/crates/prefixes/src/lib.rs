//! The native engine: the environment as a prefix in the repository, without a container.

mod activation;
mod prefix;
mod steps;
mod tools;

pub use activation::NativeRun;
pub use prefix::{build, build_again, build_from, keep, remove, state, uv};
pub use steps::{PrefixState, PrefixStep, StepPaths, steps, trusting};
pub use tools::{UV_VERSION, UvProgram, uv_installation};
