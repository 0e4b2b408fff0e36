//! The only doors to the world: child processes, files, the terminal and the process environment. What goes through them is
//! a value ([`Invocation`], [`NewFile`](files::NewFile)) that other crates make; `--dry-run` is obeyed here and nowhere
//! else. Nothing here knows what is started or written.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod address;
mod attend;
mod child;
mod dialect;
mod env_arg;
mod error;
mod exit;
pub mod files;
mod held_back;
mod host_environment;
mod in_front;
mod inherited_file;
mod interrupt;
mod into_map;
mod invocation;
mod offline;
mod outcome;
#[cfg(target_os = "linux")]
mod parent_death;
mod patience;
mod process_group;
mod pseudo_terminal;
mod query;
mod runner;
mod secret;
mod secret_form;
mod sorting;
mod stderr;
mod stream;
mod ui;
mod visible;

pub use address::{
    has_secret_behind_host, has_variable_behind_login, host_of_address, secrets_of_address, with_user_of,
    without_credentials,
};
pub use dialect::Dialect;
pub use env_arg::EnvArg;
pub use error::ProcessError;
pub use exit::Exit;
pub use files::Files;
pub use host_environment::HostEnvironment;
pub use in_front::EndedInFront;
pub use interrupt::{StopSignal, stop_signal};
pub use into_map::{IntoMap, IntoSet};
pub use invocation::Invocation;
pub use offline::{OfflineRules, go_offline, is_offline};
pub use outcome::{FAILURE, NOT_STARTED, Outcome};
pub use patience::PATIENCE;
pub use query::QueryOutput;
pub use runner::{Echo, Runner};
pub use secret::{Secret, is_secret, looks_secret, masked};
pub use sorting::{sort, sort_by};
pub use ui::{FileAction, Ui};
pub use visible::{shown, visible};
