//! Starts a command in a place, and becomes it.

use anyhow::{Result, bail};

use containers::{ComposeOverlay, Lease};
use docker::{ComposeOnlyKey, ComposeService, RunRequest, Terminal};
use environment::Platform;
use inputs::Project;
use prefixes::NativeRun;
use process::{EnvArg, Exit, HostEnvironment, Invocation, Outcome, ProcessError};
use project::{Accelerator, Context};

use super::RunEnvironment;

/// A command to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch<'a> {
    /// The command and its arguments.
    pub command: &'a [String],
    /// Environment variables that the user passes.
    pub passed: &'a [EnvArg],
    /// Ports to publish, as Docker writes them.
    pub published: &'a [String],
    /// How it is connected to this terminal.
    pub terminal: Terminal,
    /// What it computes on.
    pub accelerator: Accelerator,
    /// Which platform's image it runs in, where that is not this machine's.
    pub platform: Option<&'a Platform>,
}

impl Launch<'_> {
    /// Becomes the command. Returns only from a dry run, or when the command could not be started.
    pub fn exec(&self, project: &Project, place: &RunEnvironment) -> Result<Outcome> {
        containers::make_local_directories(project.cx, &project.settings)?;
        match place {
            RunEnvironment::Image(target, image) => {
                let extras = ComposeOverlay::of(self.accelerator);
                let directory = project.cx.layout.docker();
                let compose = containers::compose(project, &extras, &directory)?;
                let mut service = containers::service(project.cx, &compose, *target)?;
                if let Some(platform) = self.platform {
                    image.clone_into(&mut service.image);
                    require_docker_run(&service, platform, &project.cx.host)?;
                }
                containers::require_devices(project.cx, &extras, &service.image)?;
                containers::make_dev_files(project.cx, &project.settings)?;
                let is_attended = self.terminal != Terminal::Detached;
                let lease = if is_attended { Lease::take(project.cx)? } else { None };
                let request = RunRequest {
                    service: &service,
                    passed: self.passed,
                    published: self.published,
                    terminal: self.terminal,
                    platform: self.platform,
                    lease: lease.as_ref().map(|it| it.path.as_path()),
                    command: self.command,
                };
                let invocation = request.invocation(&compose, &project.cx.host);
                Ok(Outcome::Ended(project.cx.runner.exec_holding(&invocation, lease.as_ref().map(|it| &it.file))?))
            }
            RunEnvironment::Prefix(_) => {
                let invocation = self.native(project, place)?;
                Ok(ended(project.cx, project.cx.runner.exec(&invocation)))
            }
        }
    }

    /// Starts the command in a prefix and waits for it.
    pub fn wait(&self, project: &Project, place: &RunEnvironment) -> Result<Exit> {
        Ok(project.cx.runner.status(&self.native(project, place)?)?)
    }

    fn native(&self, project: &Project, place: &RunEnvironment) -> Result<Invocation> {
        let RunEnvironment::Prefix(prefix) = place else { bail!("an image is no place for a native command") };
        if self.terminal == Terminal::Detached {
            bail!("`--detach` needs Docker: the native engine runs commands in this terminal");
        }
        if !self.published.is_empty() {
            bail!("`--publish` needs Docker: a native command listens on this machine's ports itself");
        }
        let run = NativeRun {
            prefix,
            solver: project.plan.solver,
            settings: &project.settings,
            variables: &project.intent.environment.variables,
            passed: self.passed,
            command: self.command,
        };
        Ok(run.invocation(&project.cx.host))
    }
}

/// The compose files name one image, so that only `docker run` can run another.
fn require_docker_run(service: &ComposeService, platform: &Platform, host: &HostEnvironment) -> Result<()> {
    match service.run_options(Invocation::new("docker"), host) {
        Ok(_) => Ok(()),
        Err(ComposeOnlyKey(key)) => bail!(
            "`--platform {platform}` cannot be had with what only compose can do, the key `{key}` of the service \
             `{}`: take it out of compose.override.yaml",
            service.name
        ),
    }
}

/// How a command is connected to this terminal.
pub fn terminal(cx: &Context, is_detached: bool) -> Terminal {
    match (is_detached, cx.ui.is_interactive()) {
        (true, _) => Terminal::Detached,
        (false, true) => Terminal::Interactive,
        (false, false) => Terminal::Streams,
    }
}

/// There is no shell in between to say why a native command was not started.
fn ended(cx: &Context, result: Result<Exit, ProcessError>) -> Outcome {
    Outcome::Ended(result.unwrap_or_else(|error| {
        let exit = error.shell_exit();
        cx.ui.error(&error.into());
        exit
    }))
}
