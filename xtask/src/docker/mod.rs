//! Docker: what is asked of it, as values, and what it is able to do.

mod build;
mod builders;
mod compose;
mod container;
mod csv;
mod endpoint;
mod engine;
mod gpu;
mod image;
mod info;
mod load;
mod passed;
mod plugin;
mod push;
mod run;
mod save;
mod service;
mod unavailable;
mod user;

pub use build::{BuildRequest, Freedom, MAX_SECRET_BYTES};
pub use builders::Builder;
pub use compose::Compose;
pub use container::{Container, ExecRequest, Health, State};
pub use endpoint::Endpoint;
pub use engine::Docker;
pub use gpu::GpuAccess;
pub use image::{ImageQuery, images_query};
pub use info::Info;
pub use load::LoadRequest;
pub use plugin::Plugin;
pub use push::PushRequest;
pub use run::{RunRequest, Terminal};
pub use save::SaveRequest;
pub use service::Service;
pub use unavailable::Unavailable;
pub use user::user_in_container;
