//! `cargo xtask task`

use anyhow::{Result, bail};

use images::Target;
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::{
    cli::TaskArgs,
    running::{self, Launch},
};

impl TaskArgs {
    /// Runs a task of pyproject.toml as `run` does, or lists them.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let tasks = &project.pyproject.tasks;
        let Some((name, arguments)) = self.words.split_first() else {
            if tasks.is_empty() {
                cx.ui.notice("there is no task: `[tool.xtask.tasks]` in python-project/pyproject.toml has them");
            }
            for name in tasks.keys() {
                cx.ui.data(name);
            }
            return Ok(Outcome::Done);
        };
        let Some(task) = tasks.get(name) else {
            let known = tasks.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "none".to_owned() } else { known };
            bail!("python-project/pyproject.toml has no task `{name}` in `[tool.xtask.tasks]`; it has {known}");
        };
        let target = if self.dev { Target::Dev } else { Target::Runtime };
        let environment = running::ensure_built(&project, target, self.sync.choice())?;
        let launch = Launch {
            command: &[task, arguments].concat(),
            passed: &self.passed.env,
            published: &[],
            terminal: running::connect(cx, false),
            directory: None,
            job: None,
            accelerator: project.settings.accelerator,
            platform: None,
            receipt: project.settings.receipts,
        };
        launch.exec(&project, &environment)
    }
}
