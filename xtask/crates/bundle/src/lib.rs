//! Bundles: what a closed network needs of a project, in one file. How such a file is written and verified is pure and works on
//! streams ([`write_archive`], [`read_archive`]); what goes into one and where it goes on the other side is told by [`pack()`] and
//! [`unpack()`]. What uses a supply once it is there is not here: `project::offline_rules` and the native engine.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on has failed"))]

mod downloads;
mod hashing;
mod manifest;
mod pack;
mod packages;
mod reader;
mod saved_blobs;
mod unpack;
mod writer;

pub use manifest::{BundleManifest, BundledFile, BundledImage};
pub use pack::{BundleRequest, pack};
pub use reader::{BundleProblem, read_archive};
pub use unpack::unpack;
pub use writer::write_archive;
