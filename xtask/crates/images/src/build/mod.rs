//! Building images: an order becomes a plan, and the plan is carried out.

mod capabilities;
mod execute;
mod order;
mod plan;
mod platform_plan;
mod schedule;
mod session;
mod sources;
mod summary;

pub use capabilities::require_emulator;
pub use order::BuildOrder;
pub use plan::BuildPlan;
pub use platform_plan::PlatformPlan;
pub use schedule::{BuildRefusal, BuildSchedule, BuilderCapabilities, Finish};
pub use sources::BuildSources;

use anyhow::Result;
use schedule::require_base;

use inputs::Project;

use crate::Target;

/// Builds images of some targets for this machine.
pub fn build(project: &Project, targets: &[Target]) -> Result<()> {
    BuildPlan::new(project, BuildOrder::ordinary(targets))?.build(targets)
}
