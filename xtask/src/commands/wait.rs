//! `cargo xtask wait`

use anyhow::{Context as _, Result};

use inputs::Project;
use process::{Exit, Outcome};
use project::Context;

use crate::cli::WaitArgs;

impl WaitArgs {
    /// Waits for every job, and has the exit code of the first one that failed.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        containers::require_docker(&project, "wait")?;
        let jobs = self.jobs.iter().map(|it| containers::find_job(&project, it)).collect::<Result<Vec<_>>>()?;
        let mut exit = Exit::SUCCESS;
        for (name, job) in self.jobs.iter().zip(jobs) {
            let answer = cx.runner.read(&job.wait_query())?;
            let code = answer.stdout.trim().parse::<u8>();
            let code =
                code.with_context(|| format!("Docker does not tell how `{name}` ended: {}", answer.stderr.trim()))?;
            cx.ui.notice(format_args!("the job `{name}` has ended with exit code {code}"));
            containers::mark_as_read(cx, &containers::find_job(&project, name)?)?;
            if exit == Exit::SUCCESS {
                exit = Exit::Code(code);
            }
        }
        Ok(Outcome::Ended(exit))
    }
}
