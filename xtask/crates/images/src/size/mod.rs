//! The size of an image by layer and by package, and what it stores for nothing.

mod archive;
mod bytes;
mod contents;
mod history;
mod layer;
mod leftovers;
mod listing;
mod packages;
mod report;
mod saved;
#[cfg(test)]
mod tests;

pub use archive::{ArchiveEntry, ArchiveEntryKind, visit_entries};
pub use bytes::Bytes;
pub use layer::Layer;
pub use report::SizeReport;
pub use saved::{Compression, SavedImage, link_target};

pub(crate) use contents::Contents;
use saved::SavedLayer;
