//! What images are made of.

pub mod base;
mod build;
mod build_plan;
mod commit;
mod context;
pub mod freshness;
mod image_inputs;
mod installation_files;
mod make_base;
mod measure;
mod name;
mod overview;
mod platforms;
mod registry;
mod session;
pub mod size;
mod summary;
mod tags;
mod target;

pub use build::{build, build_environment_again, build_from, exists};
pub use build_plan::{BuildPlan, BuildWish, Delivery, Finish, BuildCapabilities, require_base};
pub use context::{ContextSources, build_context, context_files};
pub use freshness::{Freshness, freshness, tell, tell_for, tell_of_container, wanted};
pub use image_inputs::ImageInputs;
pub use installation_files::{check, check_dockerfile};
pub use make_base::{BaseRequest, make as make_base};
pub use measure::measure;
pub use name::ImageName;
pub use overview::{ImageStatus, overview};
pub use platforms::{BuildOrder, build_for, require_emulator};
pub use registry::{pull, push, shared_name};
pub use tags::Tags;
pub use target::{Target, foreign, foreign_of_tag};
