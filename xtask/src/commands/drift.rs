//! `cargo xtask drift`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::DriftArgs;

impl DriftArgs {
    /// Compares what is installed with what the files say.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        locking::drift(&Project::load(cx)?, self.source.from)
    }
}
