//! From the dependency files to an exact list of packages. The solvers come from PyPI, each at one version with known digests,
//! and are asked on this machine, for any platform. What they are asked, and what their answers mean, is decided by pure
//! functions of the crate `environment`.
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on has failed"))]

mod certificates;
mod conda;
mod describe;
mod host;
mod installation;
mod lent_logins;
mod memory;
mod recipe;
mod solve;
mod system;
mod unneeded;
mod uv;

pub use certificates::with_ca_certificates;
pub use conda::{CondaEngine, engine_files};
pub use describe::describe_conda;
pub use host::{LocalSolver, PipAnswer, PipQuestion, PythonChoice, SolverHost};
pub use installation::install_from_pypi;
pub use lent_logins::LentLogins;
pub use recipe::{SolveTarget, last_solution, layers_before, solved_recipe};
pub use solve::{SolveBasis, solve, version_of_uv};
pub use unneeded::{UnneededTool, unneeded_tools};
pub use uv::{UvProgram, find_or_install_uv, tools_of};
