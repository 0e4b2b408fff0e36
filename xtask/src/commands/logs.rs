//! `cargo xtask logs`

use anyhow::Result;

use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::LogsArgs;

impl LogsArgs {
    /// Shows what the dev container or a job has printed.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let Some(name) = &self.job else {
            let container = containers::require_dev_container(&project, "logs")?;
            return Ok(Outcome::Ended(cx.runner.exec(&container.logs(self.follow, self.tail.as_deref()))?));
        };
        containers::require_docker(&project, "logs")?;
        let job = containers::find_job(&project, name)?;
        let exit = cx.runner.status(&job.logs(self.follow, self.tail.as_deref()))?;
        // It may have ended meanwhile.
        let job = containers::find_job(&project, name)?;
        if job.has_ended() {
            cx.ui.notice(format_args!("the job `{name}` has ended{}", containers::with_code(&job)));
            containers::mark_as_read(cx, &job)?;
        }
        Ok(Outcome::Ended(exit))
    }
}
