//! Where a site keeps files.

use camino::Utf8PathBuf;

/// A place for files that a job can have in its file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A folder that every node sees at this path, absolute. It may begin with a variable of the site's, such as `$SCRATCH`.
    Host(Utf8PathBuf),
    /// A PersistentVolumeClaim.
    Claim(String),
    /// Space of the node that goes with the job.
    Scratch,
}

/// What stands for the project's own folders at a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Storage {
    /// A folder below which each submission's code and run folders are put, where there is a shared file system or a claim.
    pub runs: Option<MountSource>,
    pub data: Option<MountSource>,
    pub outputs: Option<MountSource>,
}
