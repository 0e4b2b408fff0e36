//! `cargo xtask bench`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::BenchArgs;

impl BenchArgs {
    /// Measures what everyday work costs, and writes benchmarks/results.md.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        bench::run(&Project::load(cx)?, self.quick)
    }
}
