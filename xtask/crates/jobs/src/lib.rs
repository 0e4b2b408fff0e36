//! Jobs beyond one machine. A [`Job`] is portable and in git, a [`Site`] is a cluster as its users reach it, a [`Submission`] is one
//! job at one site with the image and the code that it will see. What an engine is given is a function of a submission.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod code_snapshot;
mod description;
mod job_file;
pub mod kubernetes;
mod quantity;
mod receipt;
mod refusals;
mod resources;
mod run_record;
mod run_state;
pub mod runai;
mod shim;
mod site;
mod site_file;
pub mod slurm;
mod storage;
mod submission;
mod sweep;
mod table;

pub use code_snapshot::CodeSnapshot;
pub use description::{Entrypoint, Job, JobMount, JobSecret, RetryPolicy};
pub use job_file::{JobFile, parse_parameters};
pub use quantity::{parse_gpus, parse_memory, parse_sweep, parse_time};
pub use receipt::{CodeState, LockDigest, Receipt, ReceiptDiff, ReceiptImage, RunOrder, RunResult};
pub use refusals::{JobRefusal, refusals};
pub use resources::{GpuKind, GpuRequest, Memory, Resources, WarningSignal};
pub use run_record::{PartName, RunRecord};
pub use run_state::{EngineState, RunState, WrittenState};
pub use shim::{GRACE_MARGIN, RUN_AGAIN, SHIM_IN_IMAGE, ShimSurroundings, SignalReach, TimeKeeper};
pub use site::{KubernetesSite, RunAiSite, Site, SiteEngine, SiteName, SlurmContainers, SlurmSite, Toleration};
pub use storage::{MountSource, Storage};
pub use submission::{CodeSource, ImageSource, JobId, RenderedFile, RenderedJob, Submission};
pub use sweep::{ParameterSet, Sweep};
