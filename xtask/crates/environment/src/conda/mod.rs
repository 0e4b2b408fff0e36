//! What is asked of conda's solver and installer, and what they answer: values that travel as JSON to the program in
//! `xtask/conda/` and back.

mod answer;
mod describe;
mod failure;
mod install;
mod intent;
mod solve;
mod system;

pub(crate) use answer::with_needs;
pub use answer::{CondaSolution, CondaSolveAnswer};
pub use describe::{CondaDescribe, CondaDescription, CondaPackage};
pub use failure::CondaFailure;
pub use install::{CondaInstall, CondaPlace};
pub use intent::CondaIntent;
pub use solve::CondaSolve;
pub use system::{AssumedSystem, KnownSystem, VirtualPackage};
