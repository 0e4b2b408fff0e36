//! Child processes: described as values, started in one place.

mod complaint;
mod error;
mod exit;
mod group;
mod host_environment;
mod inherited;
mod interrupt;
mod invocation;
mod passed;
mod runner;
mod secret;
mod stream;
mod terminal;
mod watch;

pub use error::ProcessError;
pub use exit::Exit;
pub use host_environment::HostEnvironment;
pub use invocation::Invocation;
pub use passed::Passed;
pub use runner::{Echo, Reading, Runner};
pub use secret::{Secret, looks_secret};
