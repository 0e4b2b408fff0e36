//! The environment: the dependency files, the plan of an installation, locks, snapshots of what is installed, and how all
//! of these differ. Everything is computed from values; files and programs are read by the crates above.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod apt_list;
mod channel_token;
pub mod conda;
mod context_file;
mod credentials;
mod drift;
mod duplicates;
mod environment_file;
mod environment_yml;
mod exports;
pub mod freeze;
mod install_plan;
mod intent;
mod known_names;
mod lists;
pub mod lock;
mod logins;
mod multiple_packages;
mod netrc;
mod pinned_tool;
mod pip_section;
mod platform;
mod reproduction;
mod sha256;
pub mod snapshot;
mod solver;
mod wheel_tags;

pub use apt_list::{AptList, check_overlap};
pub use channel_token::ChannelToken;
pub use context_file::ContextFile;
pub use drift::drift;
pub use environment_file::EnvironmentFile;
pub use environment_yml::EnvironmentYml;
pub use install_plan::{InstallPlan, LockedFiles};
pub use intent::{AskedPackage, Intent};
pub use lists::{check as check_lists, check_python};
pub use logins::{AddressLogin, hosts_in, percent_decoded, variables_in, with_values};
pub use netrc::{Netrc, NetrcEntry};
pub use pinned_tool::PinnedTool;
pub use platform::Platform;
pub use reproduction::Reproduction;
pub use sha256::sha256;
pub use solver::Solver;
