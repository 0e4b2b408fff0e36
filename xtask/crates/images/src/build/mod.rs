//! Building images: an order becomes a plan, and the plan is carried out. Whoever compares, builds, pulls or names images
//! reads the same plan.

mod activation;
mod capabilities;
mod display;
mod dockerfile;
mod execute;
mod failure;
mod missing_file;
mod oci;
mod order;
mod plan;
mod platform_plan;
mod schedule;
mod session;
mod solver_stage;
mod sources;
mod stage_shell;
mod summary;

pub use capabilities::require_emulator;
pub use order::BuildOrder;
pub use plan::{BuildPlan, ComparedImage, FoundImage, StaleImage};
pub use platform_plan::PlatformPlan;
pub use solver_stage::with_solver;
pub(crate) use sources::BuildSources;
