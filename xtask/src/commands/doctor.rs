//! `cargo xtask doctor`

use anyhow::Result;

use process::Outcome;
use project::Context;

use crate::cli::DoctorArgs;

impl DoctorArgs {
    /// Shows what this machine has and lacks.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let report = doctor::report(cx)?;
        for line in if self.json { report.json_lines() } else { report.lines() } {
            cx.ui.data(line);
        }
        Ok(if report.is_fit() { Outcome::Done } else { Outcome::Failed })
    }
}
