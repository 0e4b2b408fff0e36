//! What is installed, read from where people work; the lock made of it; how both differ.

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
