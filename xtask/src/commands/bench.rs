//! `cargo xtask bench`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::BenchArgs;

impl BenchArgs {
    /// Measures what everyday work costs, and writes its part of benchmarks/results.md.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        if self.large { bench::run_large(&project, self.size, self.quick) } else { bench::run(&project, self.quick) }
    }
}
