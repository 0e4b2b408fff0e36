//! What the user asked for: the files of `dependencies/`, as types.

mod apt_list;
mod apt_package;
mod channel;
pub mod conda;
mod credentials;
#[cfg_attr(not(test), expect(dead_code, reason = "freeze and drift have no verbs yet"))]
mod drift;
mod environment_yml;
#[cfg_attr(not(test), allow(dead_code, unused_imports, reason = "the commands that use it follow"))]
pub mod freeze;
mod intent;
mod lists;
#[cfg_attr(not(test), expect(dead_code, reason = "freeze and drift have no verbs yet"))]
#[expect(unused_imports, reason = "freeze and drift have no verbs yet")]
pub mod lock;
mod names;
mod pip_section;
mod platform;
pub mod python;
mod several;
mod sha256;
#[cfg_attr(not(test), expect(dead_code, reason = "freeze and drift have no verbs yet"))]
#[expect(unused_imports, reason = "freeze and drift have no verbs yet")]
pub mod snapshot;
mod solver;
mod twice;

pub use apt_list::{AptList, check_overlap};
pub use apt_package::AptPackage;
#[cfg_attr(not(test), expect(unused_imports, reason = "freeze and drift have no verbs yet"))]
pub use drift::drift;
pub use environment_yml::EnvironmentYml;
pub use intent::Intent;
pub use lists::{check as check_lists, check_python};
pub use platform::Platform;
pub use solver::{Plan, Solver};
