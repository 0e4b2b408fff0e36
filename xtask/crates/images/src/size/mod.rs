//! What is in an image, by layer and by package, and what is in it for nothing.

mod bytes;
mod contents;
mod layer;
mod leftovers;
mod packages;
mod report;
mod saved;
mod tar;
#[cfg(test)]
mod tests;

pub use bytes::Bytes;
use contents::Contents;
pub use layer::Layer;
pub use report::SizeReport;
use saved::SavedLayer;
pub use saved::{Compression, SavedImage};
