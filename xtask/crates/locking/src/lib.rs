//! From a live environment to the lock and back: reads what is installed (in the dev container, an image or the prefix), makes
//! the lock from it or from a solver's answer, writes it, also for other tools, compares it, and rebuilds from it to verify it. The lock's format
//! and all comparisons are pure functions of the crate `environment`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod drift;
mod export;
mod lock;
mod snapshot;
mod solve;
mod tools;
mod verify;

pub use drift::report_drift;
pub use export::export_locks;
pub use lock::{lock_file_changes, lock_snapshot, show_lock_changes, write_changes};
pub use snapshot::{SnapshotSource, SourcedSnapshot, base_image, read_snapshot, read_target};
pub use solve::solve;
pub use tools::lock_tools;
pub use verify::verify;
