//! `cargo xtask bench`

use anyhow::Result;

use crate::bench;
use crate::cli::Bench;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;

impl Bench {
    /// Measures what everyday work costs, and writes it down.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        bench::run(cx, &Inputs::load(cx)?, self.quick)
    }
}
