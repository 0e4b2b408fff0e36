//! The native engine: the environment as a prefix in the repository, without a container.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod activation;
mod prefix;
mod steps;
mod tools;

pub use activation::NativeRun;
pub use prefix::{build, build_again, build_from, keep, remove, state, uv};
pub use steps::{PrefixState, PrefixStep, StepPaths, steps, trusting};
pub use tools::{UV_VERSION, UvProgram, uv_installation};
