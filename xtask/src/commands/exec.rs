//! `cargo xtask exec`

use anyhow::{Result, bail};

use containers::UpOptions;
use docker::{Container, ContainerState, ExecRequest};
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::{
    cli::ExecArgs,
    running::{self, DevEnvironment, Launch, RunEnvironment},
};

impl ExecArgs {
    /// Runs a command in the dev container, which is started again if it was stopped, or natively.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let terminal = running::connect(cx, false);
        match DevEnvironment::find(&project)? {
            DevEnvironment::Container(container) => {
                let Some(container) = start(&project, container.map(|it| *it))? else { return Ok(Outcome::Done) };
                let directory = cx.host.directory().and_then(|it| project.settings.directory_in_container(it));
                let command = project.settings.command_in_container(&self.command.words);
                let request = ExecRequest {
                    container: &container,
                    passed: &running::with_own(&project, &self.passed.env),
                    as_root: self.user.root,
                    terminal,
                    directory: directory.as_deref(),
                    lease: None,
                    command: &command,
                };
                running::attend(&project, &request, &|| running::warn_if_stale(&project, &container))
            }
            DevEnvironment::Prefix(_) if self.user.root => {
                bail!("`--root` needs Docker: the native engine runs commands as you")
            }
            DevEnvironment::Prefix(prefix) => {
                let launch = Launch {
                    command: &self.command.words,
                    passed: &self.passed.env,
                    published: &[],
                    directory: cx.host.directory(),
                    job: None,
                    terminal,
                    accelerator: project.settings.accelerator,
                    platform: None,
                    receipt: false,
                };
                launch.exec(&project, &RunEnvironment::Prefix(prefix))
            }
        }
    }
}

/// The container, running. `None` in a dry run that would have started it.
fn start(project: &Project, container: Option<Container>) -> Result<Option<Container>> {
    match container {
        Some(container) if container.state != ContainerState::Running => {
            containers::up(project, &UpOptions::as_before(&container))
        }
        container => running::require_running(container).map(Some),
    }
}
