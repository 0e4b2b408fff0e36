//! What is installed, read from where people work; the lock made of it; how both differ.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod drift;
mod lock;
mod snapshot;
mod solve;
mod verify;

pub use drift::drift;
pub use lock::{changes, of_snapshot, tell, write};
pub use snapshot::{SnapshotSource, SourcedSnapshot, take};
pub use solve::solve;
pub use verify::verify;
