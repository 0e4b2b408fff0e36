//! `cargo xtask drift`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::DriftArgs;

impl DriftArgs {
    /// Compares what is installed with environment.yml and the lock.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        locking::report_drift(&Project::load(cx)?, self.source.from)
    }
}
