//! Child processes: described as values, started in one place.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod complaint;
mod error;
mod exit;
pub mod files;
mod group;
mod host_environment;
mod inherited;
mod interrupt;
mod invocation;
pub mod outcome;
mod passed;
mod runner;
mod secret;
mod stream;
mod terminal;
mod ui;
mod watch;

pub use error::ProcessError;
pub use exit::Exit;
pub use files::Files;
pub use host_environment::HostEnvironment;
pub use invocation::Invocation;
pub use outcome::{FAILURE, INTERRUPTED, NOT_STARTED, Outcome};
pub use passed::EnvArg;
pub use runner::{Echo, QueryOutput, Runner};
pub use secret::{Secret, looks_secret};
pub use ui::{Deed, Ui};
