//! `cargo xtask logs`

use anyhow::Result;

use crate::cli::Logs;
use crate::context::Context;
use crate::inputs::Inputs;
use crate::outcome::Outcome;
use crate::provision;

impl Logs {
    /// Shows what the dev container has printed.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let inputs = Inputs::load(cx)?;
        let container = provision::require_dev(cx, &inputs, "logs")?;
        Ok(Outcome::Ended(cx.runner.exec(&container.logs(self.follow, self.tail.as_deref()))?))
    }
}
