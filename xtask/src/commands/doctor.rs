//! `cargo xtask doctor`

use anyhow::Result;

use process::Outcome;
use project::Context;

use crate::{cli::DoctorArgs, submitting};

impl DoctorArgs {
    /// Shows what this machine, or a cluster, has and lacks.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let (lines, is_fit) = match &self.site {
            None => {
                let report = doctor::report(cx)?;
                (if self.json { report.json_lines() } else { report.lines() }, report.is_fit())
            }
            Some(name) => {
                let report = doctor::site_report(cx, &submitting::read_site(cx, name)?)?;
                (if self.json { report.json_lines() } else { report.lines() }, report.is_fit())
            }
        };
        for line in lines {
            cx.ui.data(line);
        }
        Ok(if is_fit { Outcome::Done } else { Outcome::Failed })
    }
}
