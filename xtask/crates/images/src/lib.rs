//! Images: what they are built from, and how they are built, compared, measured and shared. Base images, where no registry
//! answers, are among them. Running a command in an image, and containers, are not.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

pub mod base;
mod build;
mod check;
mod commit;
mod context;
mod exists;
mod freshness;
mod identity;
mod image_inputs;
mod ledger;
mod make_base;
mod measure;
mod name;
mod nearest;
mod overview;
mod project_files;
mod prune;
mod registry;
mod reproduced_layers;
pub mod size;
mod tags;
mod target;

pub use build::{
    BuildOrder, BuildPlan, ComparedImage, FoundImage, PlatformPlan, StaleImage, require_emulator, with_solver,
};
pub use check::check;
pub use exists::exists;
pub use freshness::{Freshness, warn_if_container_is_stale};
pub use identity::ImageIdentity;
pub use image_inputs::ImageInputs;
pub use installation::StepNumber;
pub use ledger::{BuildEntry, DoneStep, builds};
pub use make_base::{BaseRequest, make as make_base};
pub use measure::{measure, measure_files};
pub use name::ImageName;
pub use nearest::{NearestImage, nearest_image};
pub use overview::{ImageStatus, overview};
pub use prune::{PruneOrder, UnneededImage, unneeded_images};
pub use registry::{pull, push, shared_name};
pub use reproduced_layers::ReproducedLayers;
pub use tags::VERIFY_TAG;
pub use target::{Target, foreign};

use build::BuildSources;
use tags::Tags;
use target::foreign_of_tag;
