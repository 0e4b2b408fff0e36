//! What the user asked for: the files of `dependencies/`, as types.

mod apt_list;
mod conda_spec;
mod environment_yml;
mod intent;
mod python_version;
mod requirement;
mod solver;
mod yaml;

pub use apt_list::AptList;
pub use conda_spec::CondaSpec;
pub use environment_yml::EnvironmentYml;
pub use intent::Intent;
pub use requirement::PipLine;
pub use solver::{Plan, Solver};
