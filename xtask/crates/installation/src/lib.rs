//! The Dockerfile and compose.yaml: parsed as far as other files have to agree with them, and checked against each other,
//! .env and what `cargo xtask build` passes. Files are not read here, and nothing is built or started.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod across;
mod compose;
mod dockerfile;
#[cfg(test)]
mod tests;
mod word;

pub use across::{Expected, LocalDirectory, check_compose, check_dockerfile};
pub use compose::{ComposeFile, resolved as with_variables};
pub use dockerfile::{Dockerfile, StageBeforeStep, StepNumber, before_step};

use word::LocatedText;
