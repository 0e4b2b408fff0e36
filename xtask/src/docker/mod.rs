//! Docker: what is asked of it, as values, and what it is able to do.

mod build;
mod builders;
mod csv;
mod endpoint;
mod engine;
mod image;
mod info;
mod plugin;
mod push;
mod run;
mod unavailable;

pub use build::{BuildRequest, MAX_SECRET_BYTES};
pub use builders::Builder;
pub use endpoint::Endpoint;
pub use engine::Docker;
pub use image::ImageQuery;
pub use info::Info;
pub use plugin::Plugin;
pub use push::PushRequest;
pub use run::{RunRequest, Terminal};
pub use unavailable::Unavailable;
