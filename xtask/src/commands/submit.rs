//! `cargo xtask submit`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::{
    cli::SubmitArgs,
    submitting::{SubmitOrder, await_end, submit},
};

impl SubmitArgs {
    /// Sends a job to a site, and prints its id.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let folder = submit(&project, SubmitOrder::new(&project, self)?)?;
        if cx.is_dry_run() {
            return Ok(Outcome::Done);
        }
        let id = &folder.record.id;
        cx.ui.data(id);
        if self.wait {
            return Ok(Outcome::Ended(await_end(cx, &[folder])?));
        }
        cx.ui.notice(format_args!(
            "`cargo xtask jobs {id}` shows how far it is, `jobs logs -f {id}` its output, `jobs cancel {id}` ends it"
        ));
        Ok(Outcome::Done)
    }
}
