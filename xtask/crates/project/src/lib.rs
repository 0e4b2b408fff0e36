//! The repository and the choices of the person who uses it: paths, the names of the Python project, the settings with their
//! file, and the system of this machine with its commands. What is to be installed is the crate `environment`'s business; the
//! crate `inputs` reads all the files together.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod base_images;
mod checkout;
mod context;
mod disk_space;
mod dotenv;
mod env_edit;
mod env_file;
mod free_memory;
mod git_index;
mod git_place;
mod inherited;
mod job_name;
mod layout;
mod machine;
mod mounted_path;
mod network;
mod offline;
mod place;
mod pyproject;
mod settings;
pub mod system;
mod values;
mod variables;
mod variant;

pub use base_images::BaseImages;
pub use context::Context;
pub use disk_space::DiskSpace;
pub use env_edit::{set_variable, unset_variable};
pub use env_file::{EnvFile, EnvFileAccess, added_variables, resolved_lines};
pub use free_memory::FreeMemory;
pub use git_index::is_tracked_by_git;
pub use git_place::{GitPlace, without_steps_up};
pub use inherited::{inherited, main_worktree};
pub use job_name::JobName;
pub use layout::{AptStage, Layout};
pub use machine::{Machine, is_shared_machine};
pub use network::{CA_VARIABLES, Network};
pub use offline::{file_address, offline_rules};
pub use place::{PlaceUse, check_place};
pub use pyproject::{ProjectNeeds, Pyproject, find as find_in_toml};
pub use settings::{ContainerPaths, EngineChoice, Resolution, Settings, SettingsContext, SolverChoice, UserIds};
pub use values::{Accelerator, ImageReference};
pub use variables::{DefaultSources, Defaults, defaults, exported_names, names as variable_names};
pub use variant::Variant;
