//! The environment: the dependency files, the plan of an installation, locks, snapshots of what is installed, and how all
//! of these differ. Everything is computed from values; files and programs are read by the crates above.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod apt_edits;
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
mod first_aid;
pub mod freeze;
mod included_files;
mod install_plan;
mod intent;
mod known_names;
mod line_change;
mod lists;
mod local_folder;
mod local_project;
pub mod lock;
mod logins;
mod multiple_packages;
mod netrc;
mod pinned_tool;
mod pip_list;
mod pip_section;
mod platform;
mod reproduction;
mod sha256;
pub mod snapshot;
mod solver;
mod well_known;
mod wheel_tags;

pub use apt_edits::EditedAptList;
pub use apt_list::{AptList, check_overlap};
pub use channel_token::ChannelToken;
pub use context_file::ContextFile;
pub use drift::drift;
pub use environment_file::EnvironmentFile;
pub use environment_yml::EnvironmentYml;
pub use first_aid::MissingFile;
pub use included_files::IncludedFile;
pub use install_plan::{InstallPlan, LockedFiles};
pub use intent::{AskedPackage, Intent};
pub use line_change::{LineAction, LineChange};
pub use lists::{check as check_lists, check_python};
pub use local_project::{LocalProject, OwnDistributions};
pub use logins::{AddressLogin, hosts_in, percent_decoded, variables_in, with_values};
pub use netrc::{Netrc, NetrcEntry};
pub use pinned_tool::PinnedTool;
pub use platform::Platform;
pub use reproduction::Reproduction;
pub use sha256::sha256;
pub use solver::Solver;
pub use well_known::meant_by;
pub use wheel_tags::WheelTags;
