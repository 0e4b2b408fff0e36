//! What is to be run: portable, and in git as `jobs/<name>.toml` or given on the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use camino::Utf8PathBuf;

use super::{JobId, MountSource, Resources, Sweep};

/// A command that is to be run once, or as an array, elsewhere than here.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// A DNS label with room for what engines append to it.
    pub name: String,
    pub argv: Vec<String>,
    pub entrypoint: Entrypoint,
    /// Variables with their values.
    pub environment: BTreeMap<String, String>,
    /// Variables whose values are those of the shell in which `submit` runs.
    pub environment_from_host: BTreeSet<String>,
    /// By the name of the variable that will hold each.
    pub secrets: BTreeMap<String, JobSecret>,
    pub resources: Resources,
    pub mounts: Vec<JobMount>,
    pub sweep: Option<Sweep>,
    pub retry: RetryPolicy,
    /// It starts when these have ended well.
    pub after: Vec<JobId>,
    /// How long the engine keeps a job that has ended, with its logs; the engine's own time where there is none.
    pub keep_for: Option<Duration>,
}

/// What becomes of the image's own entrypoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entrypoint {
    /// It prepares the user and the project, then becomes the command.
    #[default]
    Keep,
    /// The command starts at once, as the image has it.
    Skip,
}

/// Where the site has a value that nobody may read in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobSecret {
    /// A file that the site's nodes can read.
    File(Utf8PathBuf),
    /// A key of a Kubernetes or Run:ai secret.
    Key { secret: String, key: String },
}

/// A folder of the site in the job's file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobMount {
    pub source: MountSource,
    /// Absolute.
    pub target: Utf8PathBuf,
    /// Relative to the source; the whole of it where there is none.
    pub subpath: Option<Utf8PathBuf>,
    pub is_read_only: bool,
}

/// When a job, or one of its array, is run again. One that exits with 75 has kept a checkpoint and is always run again (`EX_TEMPFAIL` of
/// sysexits.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetryPolicy {
    /// How often after a failure.
    pub max: u32,
    /// Whether a job that had to make room for another one starts anew.
    pub on_preemption: bool,
}
