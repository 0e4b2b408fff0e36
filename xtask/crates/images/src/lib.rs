//! Images: what they are made of, how they are built, compared, measured and shared with others. Commands are not started in
//! them here, and no container is looked at.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

pub mod base;
mod build;
mod check;
mod commit;
mod context;
mod exists;
mod freshness;
mod image_inputs;
mod make_base;
mod measure;
mod name;
mod overview;
mod registry;
pub mod size;
mod tags;
mod target;

pub use build::{
    BuildOrder, BuildPlan, BuildRefusal, BuildSchedule, BuildSources, BuilderCapabilities, Finish, PlatformPlan, build,
    require_emulator,
};
pub use check::check;
pub use context::{ContextSources, build_context, context_files};
pub use exists::exists;
pub use freshness::{Freshness, warn_if_container_is_stale, warn_if_stale};
pub use image_inputs::ImageInputs;
pub use make_base::{BaseRequest, make as make_base};
pub use measure::measure;
pub use name::ImageName;
pub use overview::{ImageStatus, overview};
pub use registry::{pull, push, shared_name};
pub use tags::Tags;
pub use target::{Target, foreign, foreign_of_tag};
