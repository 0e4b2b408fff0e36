//! `cargo xtask completions`

use anyhow::Result;

use process::Outcome;
use project::Context;

use crate::cli::CompletionsArgs;

impl CompletionsArgs {
    /// Prints the script, for the shell to read.
    #[expect(clippy::unnecessary_wraps, reason = "every verb has an outcome")]
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        cx.ui.data(self.script().trim_end());
        Ok(Outcome::Done)
    }
}
