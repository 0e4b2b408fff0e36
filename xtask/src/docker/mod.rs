//! Docker: what is asked of it, as values, and what it is able to do.

mod build;
mod csv;
mod engine;
mod image;
mod push;
mod run;

pub use build::{BuildRequest, MAX_SECRET_BYTES};
pub use engine::{Docker, Plugin};
pub use image::ImageQuery;
pub use push::PushRequest;
pub use run::{RunRequest, Terminal};
