//! `cargo xtask logs`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::LogsArgs;

impl LogsArgs {
    /// Shows what the dev container has printed.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let container = containers::require_dev_container(&project, "logs")?;
        Ok(Outcome::Ended(cx.runner.exec(&container.logs(self.follow, self.tail.as_deref()))?))
    }
}
