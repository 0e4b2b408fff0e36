//! `cargo xtask exec`

use anyhow::{Result, bail};

use docker::{ContainerState, ExecRequest};
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::{
    cli::ExecArgs,
    running::{self, DevEnvironment, Launch, RunEnvironment},
};

impl ExecArgs {
    /// Runs a command in the dev container, which must be running, or natively.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let terminal = running::connect(cx, false);
        match DevEnvironment::find_and_warn(&project)? {
            DevEnvironment::Container(Some(container)) if container.state == ContainerState::Running => {
                let request = ExecRequest {
                    container: &container,
                    passed: &self.passed.env,
                    as_root: self.user.root,
                    terminal,
                    lease: None,
                    command: &self.command.words,
                };
                running::attend(&project, &request)
            }
            DevEnvironment::Container(Some(container)) => {
                bail!("the dev container is {}: `cargo xtask start` starts it again", container.state)
            }
            DevEnvironment::Container(None) => bail!("there is no dev container: `cargo xtask up` starts one"),
            DevEnvironment::Prefix(_) if self.user.root => {
                bail!("`--root` needs Docker: the native engine runs commands as you")
            }
            DevEnvironment::Prefix(prefix) => {
                let launch = Launch {
                    command: &self.command.words,
                    passed: &self.passed.env,
                    published: &[],
                    terminal,
                    accelerator: project.settings.accelerator,
                    platform: None,
                };
                launch.exec(&project, &RunEnvironment::Prefix(prefix))
            }
        }
    }
}
