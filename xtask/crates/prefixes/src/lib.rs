//! The native engine: the environment as a prefix in the repository (`.venv`), built with uv or micromamba, and commands that
//! run in it. What is installed is decided by `inputs` and `environment`; Docker has no part here.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod activation;
mod certificates;
mod lent_logins;
mod linter;
mod prefix;
mod replacement;
mod steps;
mod uv;

pub use activation::NativeRun;
pub use certificates::with_ca_certificates;
pub use lent_logins::LentLogins;
pub use linter::find_or_install_linter;
pub use prefix::{
    build, build_at, build_recipe, describe_state, exists, mark_as_built, remove, require_not_incomplete,
};
pub use uv::{UvProgram, find_or_install_uv};
