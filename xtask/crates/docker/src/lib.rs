//! Docker as values: requests (`docker run`, `buildx build`, …) that give an [`Invocation`](process::Invocation), and its
//! answers, parsed. Also why Docker cannot be used and what fixes that. Which requests are made, and when, is decided in the
//! crates `images` and `containers`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod bake;
mod build;
mod build_cache;
mod builders;
mod cache;
mod compose;
mod container;
mod contents;
mod csv;
mod endpoint;
mod engine;
mod env_args;
mod export;
mod gpu;
mod image;
mod image_user;
mod info;
mod json;
pub mod labels;
mod leased;
mod load;
mod plugin;
mod podman;
mod progress;
mod registry;
mod run;
mod save;
mod service;
mod service_container;
mod stored_image;
mod transfer;
mod unavailable;
mod user;
mod visibility;

pub use bake::BakeRequest;
pub use build::{BuildAccess, BuildRequest, BuilderOptions, CachePolicy, MAX_SECRET_BYTES, StageChoice};
pub use build_cache::{CacheRecord, cache_query, cache_records_query, cache_size};
pub use builders::Builder;
pub use cache::{CacheAddresses, CacheKind, CachePlace, Caches};
pub use compose::Compose;
pub use container::{Container, ContainerState, ExecRequest, Health};
pub use contents::ContentsQuery;
pub use endpoint::Endpoint;
pub use engine::Docker;
pub use export::{ArchiveKind, Export};
pub use gpu::GpuAccess;
pub use image::{ImageQuery, ManifestQuery, images_query, platforms as image_platforms, tags_query};
pub use image_user::ImageUser;
pub use info::DaemonInfo;
pub use leased::LeasedContainer;
pub use load::LoadRequest;
pub use plugin::Plugin;
pub use podman::{Ability, Capability, Podman};
pub use progress::{BuildStep, Progress, StepFailure, StepPosition};
pub use registry::RegistryRefusal;
pub use run::{JobNames, RunRequest, Terminal};
pub use save::SaveRequest;
pub use service::{ComposeOnlyKey, ComposeService};
pub use service_container::ServiceContainer;
pub use stored_image::StoredImage;
pub use transfer::{JoinRequest, PullRequest, PushRequest, TagRequest};
pub use unavailable::Unavailable;
pub use user::user_in_container;
pub use visibility::VisibilityProbe;
