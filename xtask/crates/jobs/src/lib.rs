//! Jobs beyond one machine. A [`Job`] is portable and in git, a [`Site`] is a cluster as its users reach it, a [`Submission`] is one
//! job at one site with the image and the code that it will see. What an engine is given is a function of a submission.

mod description;
mod resources;
mod site;
mod storage;
mod submission;
mod sweep;

pub use description::{Entrypoint, Job, JobMount, JobSecret, RetryPolicy};
pub use resources::{GpuKind, GpuRequest, Memory, Resources, WarningSignal};
pub use site::{KubernetesSite, RunAiSite, Site, SiteEngine, SiteName, SlurmContainers, SlurmSite, Toleration};
pub use storage::{MountSource, Storage};
pub use submission::{CodeSource, ImageSource, JobId, RenderedFile, RenderedJob, Submission};
pub use sweep::{ParameterSet, Sweep};
