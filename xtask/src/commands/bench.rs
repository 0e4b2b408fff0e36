//! `cargo xtask bench`

use anyhow::Result;

use inputs::Inputs;
use process::Outcome;
use project::Context;

use crate::cli::BenchArgs;

impl BenchArgs {
    /// Measures what everyday work costs, and writes it down.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        bench::run(cx, &Inputs::load(cx)?, self.quick)
    }
}
