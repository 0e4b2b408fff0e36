//! What the user asked for: the files of `dependencies/`, as types.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod apt_list;
mod context_file;
mod credentials;
mod drift;
mod environment_file;
mod environment_yml;
pub mod freeze;
mod intent;
mod lists;
pub mod lock;
mod names;
mod pip_section;
mod platform;
mod reproduction;
mod several;
mod sha256;
pub mod snapshot;
mod solver;
mod twice;

pub use apt_list::{AptList, check_overlap};
pub use context_file::ContextFile;
pub use drift::drift;
pub use environment_file::EnvironmentFile;
pub use environment_yml::EnvironmentYml;
pub use intent::Intent;
pub use lists::{check as check_lists, check_python};
pub use platform::Platform;
pub use reproduction::Reproduction;
pub use solver::{InstallPlan, LockedFiles, Solver, UnlockedRest};
