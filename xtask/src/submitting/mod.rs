//! Sends jobs to clusters and looks after them. What an engine is given and how its answers are read is in the crate `jobs`.

mod described;
mod engine;
mod image;
mod kubernetes;
mod order;
mod prepare;
mod run_folder;
mod runai;
mod send;
mod slurm;
mod watch;

pub use described::{check, read_site};
pub use engine::EngineStates;
pub use order::SubmitOrder;
pub use run_folder::{RunFolder, RunFolders};
pub use send::submit;
pub use watch::{PartRow, await_end, rows, watch};

pub use engine::{cancel, fetch, logs};
