//! The Dockerfile and compose.yaml, read as Docker reads them, and compared with what `cargo xtask` does with them.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod across;
mod compose;
mod default_of;
mod dockerfile;
mod word;

pub use across::{Expected, LocalDirectory, check_compose, check_dockerfile};
pub use compose::ComposeFile;
pub use default_of::default_of;
pub use dockerfile::Dockerfile;
use word::LocatedText;

#[cfg(test)]
mod tests;
