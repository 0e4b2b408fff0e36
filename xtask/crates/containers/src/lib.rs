//! The container that people live in, and how containers run.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod compose;
mod dev;
mod dev_files;
mod devices;
mod health;
mod jupyter;
mod lease;
mod local_directories;
mod require;
mod ssh;
mod variables;

pub use compose::{ComposeOverlay, compose, service};
pub use dev::{UpOptions, command, containers, find, is_older, of, up, with_compose};
pub use dev_files::{give_all, make as make_dev_files};
pub use devices::require as require_devices;
pub use jupyter::Jupyter;
pub use lease::Lease;
pub use local_directories::make as make_local_directories;
pub use require::{dev as require_dev, docker as require_docker};
pub use ssh::{KeySources, Ssh};
