//! `cargo xtask shell`

use anyhow::{Result, bail};
use camino::Utf8Path;

use containers::UpOptions;
use docker::{Container, ContainerState, ExecRequest};
use images::{BuildOrder, BuildPlan, Target};
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::{
    cli::ShellArgs,
    running::{self, DevEnvironment, Launch, RunEnvironment},
};

/// Starts the shell of this name if the container has it, else bash.
const START_SHELL: &str = r#"if command -v "$1" >/dev/null 2>&1; then exec "$1"; fi; exec bash"#;

impl ShellArgs {
    /// Opens a shell in the dev container, which is started if need be, or natively.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        if let Some(stage) = &self.stage {
            containers::require_docker(&project, "shell --stage")?;
            let plan = BuildPlan::new(&project, BuildOrder::ordinary(&[Target::Dev]))?;
            return Ok(Outcome::Ended(plan.shell_in_stage(stage, self.step)?));
        }
        let shell = cx.host.get("SHELL").unwrap_or("/bin/sh");
        match DevEnvironment::find(&project)? {
            DevEnvironment::Container(Some(container)) if container.state == ContainerState::Running => {
                self.exec_in_container(&project, &container, shell, &|| running::warn_if_stale(&project, &container))
            }
            DevEnvironment::Container(_) => match containers::up(&project, &UpOptions::from_settings(&project))? {
                // It has said what there is to say.
                Some(container) => self.exec_in_container(&project, &container, shell, &|| ()),
                None => Ok(Outcome::Done),
            },
            DevEnvironment::Prefix(_) if self.user.root => {
                bail!("`--root` needs Docker: the native engine runs commands as you")
            }
            DevEnvironment::Prefix(prefix) => {
                let launch = Launch {
                    command: &[shell.to_owned()],
                    passed: &self.passed.env,
                    published: &[],
                    directory: cx.host.directory(),
                    job: None,
                    terminal: running::connect(cx, false),
                    accelerator: project.settings.accelerator,
                    platform: None,
                    receipt: false,
                };
                launch.exec(&project, &RunEnvironment::Prefix(prefix))
            }
        }
    }

    fn exec_in_container(
        &self,
        project: &Project,
        container: &Container,
        shell: &str,
        warn: &dyn Fn(),
    ) -> Result<Outcome> {
        let shell = Utf8Path::new(shell).file_name().unwrap_or("bash");
        let directory = project.cx.host.directory().and_then(|it| project.settings.directory_in_container(it));
        let request = ExecRequest {
            container,
            passed: &running::with_own(project, &self.passed.env),
            as_root: self.user.root,
            terminal: running::connect(project.cx, false),
            directory: directory.as_deref(),
            lease: None,
            command: &["sh", "-c", START_SHELL, "sh", shell].map(str::to_owned),
        };
        running::attend(project, &request, warn)
    }
}
