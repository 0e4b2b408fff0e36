//! The native engine: the environment as a prefix in the repository (`.venv`), built with uv or conda's packages, and commands that
//! run in it. What is installed is decided by `inputs` and `environment`; Docker has no part here.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod activation;
mod by_hand;
mod changes;
mod linter;
mod prefix;
mod replacement;
mod state;
mod steps;

pub use activation::{NativeRun, has_activation_scripts};
pub use linter::find_or_install_linter;
pub use prefix::{
    Rebuild, build, build_at, build_recipe, describe_state, exists, find_whole, leftovers, mark_as_built, recover,
    remove, require_not_incomplete, warn_if_stale,
};
