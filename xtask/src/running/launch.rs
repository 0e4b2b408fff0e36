//! Starts the user's command in an environment.

use anyhow::{Result, bail};
use camino::Utf8Path;

use containers::{ComposeOverlay, Lease, LeaseKind};
use docker::{ComposeOnlyKey, ComposeService, JobNames, RunRequest, TagRequest, Terminal};
use environment::Platform;
use images::Target;
use inputs::Project;
use jobs::Receipt;
use prefixes::NativeRun;
use process::{EnvArg, Exit, HostEnvironment, Invocation, Outcome, ProcessError};
use project::{Accelerator, Context, JobName};

use super::{Recording, RunEnvironment, RunPlace};

/// A command to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch<'a> {
    /// The program and its arguments.
    pub command: &'a [String],
    /// `--env` of the command line.
    pub passed: &'a [EnvArg],
    /// Ports to publish, in the syntax of `docker run --publish`.
    pub published: &'a [String],
    pub terminal: Terminal,
    /// Where the user stands on this machine, and the command shall start; the Python project where that is nowhere.
    pub directory: Option<&'a Utf8Path>,
    /// What to call it where it goes on in the background.
    pub job: Option<&'a JobName>,
    pub accelerator: Accelerator,
    /// Where it is not this machine's.
    pub platform: Option<&'a Platform>,
    /// Whether it leaves a receipt, for which this process stays until the command has ended.
    pub receipt: bool,
}

/// What became of a command, where this process is still there to tell.
#[derive(Debug)]
pub struct LaunchEnd {
    pub outcome: Outcome,
    pub receipt: Option<Receipt>,
}

impl From<Outcome> for LaunchEnd {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, receipt: None }
    }
}

impl From<Receipt> for LaunchEnd {
    fn from(receipt: Receipt) -> Self {
        Self { outcome: Outcome::Ended(Exit::Code(receipt.result.exit_code)), receipt: Some(receipt) }
    }
}

impl Launch<'_> {
    /// Replaces this process by the command. Returns only from a dry run, when the command could not be started, or when it has
    /// left a receipt.
    pub fn exec(&self, project: &Project, environment: &RunEnvironment) -> Result<Outcome> {
        self.start(project, environment).map(|it| it.outcome)
    }

    /// Runs the command and has the receipt of it; none where it was not started.
    pub fn record(&self, project: &Project, environment: &RunEnvironment) -> Result<LaunchEnd> {
        Launch { receipt: true, ..self.clone() }.start(project, environment)
    }

    fn start(&self, project: &Project, environment: &RunEnvironment) -> Result<LaunchEnd> {
        containers::create_local_directories(project.cx, &project.settings)?;
        let passed: Vec<EnvArg> = commit(project.cx).into_iter().chain(self.passed.iter().cloned()).collect();
        let launch = Launch { passed: &passed, ..self.clone() };
        match environment {
            RunEnvironment::Image(target, image) => launch.exec_in_container(project, *target, image),
            RunEnvironment::Prefix(prefix) => {
                let invocation = launch.native_invocation(project, prefix)?;
                if !launch.receipt {
                    return Ok(native_outcome(project.cx, project.cx.runner.exec(&invocation)).into());
                }
                let recorded = Recording::begin(project, &launch, RunPlace::Prefix)?.run(&invocation);
                Ok(recorded.map_or_else(|it| native_outcome(project.cx, Err(it)).into(), LaunchEnd::from))
            }
        }
    }

    fn exec_in_container(&self, project: &Project, target: Target, image: &str) -> Result<LaunchEnd> {
        let overlays = ComposeOverlay::for_accelerator(self.accelerator);
        let directory = project.cx.layout.docker();
        let compose = containers::compose(project, &overlays, &directory)?;
        let mut service = containers::read_service(project.cx, &compose, target)?;
        if let Some(platform) = self.platform {
            image.clone_into(&mut service.image);
            require_docker_run(&service, platform, &project.cx.host)?;
        } else if service.image == target.image(&project.settings.image) && service.image != image {
            take_over(project, &mut service, image)?;
        }
        containers::require_overlays(project.cx, &overlays, &service.image)?;
        containers::create_dev_directories(project.cx, &project.settings)?;
        containers::end_abandoned(project.cx);
        containers::require_visible_directories(project, &service.image)?;
        let (_naming, job) = match self.terminal {
            Terminal::Detached => {
                let naming = containers::lock_names(project.cx)?;
                (Some(naming), Some(containers::name_of_new_job(project, self.job, self.command)?))
            }
            _ => (None, None),
        };
        let directory = self.directory.and_then(|it| project.settings.directory_in_container(it));
        let command = project.settings.command_in_container(self.command);
        let container = job.as_ref().map(|it| containers::job_container(project, it)).unwrap_or_default();
        let kind = if job.is_some() { LeaseKind::Background } else { LeaseKind::Run };
        let lease = Lease::acquire(project.cx, &project.settings, kind)?;
        let request = RunRequest {
            service: &service,
            passed: self.passed,
            published: self.published,
            terminal: self.terminal,
            platform: self.platform,
            lease: lease.as_ref().map(|it| it.path.as_path()),
            directory: directory.as_deref(),
            job: job.as_ref().map(|it| JobNames { job: it.as_str(), container: &container }),
            command: &command,
        };
        let invocation = request.invocation(&compose, &project.cx.host);
        if let Some(job) = job {
            return start_job(project.cx, &invocation, &job, lease.as_ref()).map(|it| Outcome::Ended(it).into());
        }
        if !self.receipt {
            let exit = project.cx.runner.exec_holding(&invocation, lease.as_ref().map(|it| &it.file))?;
            return Ok(Outcome::Ended(exit).into());
        }
        let recording = Recording::begin(project, self, RunPlace::Container { service: &service })?;
        let ended = recording.run(&invocation);
        if let Some(lease) = lease {
            lease.release(project.cx);
        }
        Ok(ended?.into())
    }

    /// Starts the command in a prefix and waits for it.
    pub fn wait_in_prefix(&self, project: &Project, prefix: &Utf8Path) -> Result<Exit> {
        Ok(project.cx.runner.status(&self.native_invocation(project, prefix)?)?)
    }

    fn native_invocation(&self, project: &Project, prefix: &Utf8Path) -> Result<Invocation> {
        if self.terminal == Terminal::Detached {
            bail!("`--detach` needs Docker: the native engine runs commands in this terminal");
        }
        if !self.published.is_empty() {
            bail!("`--publish` needs Docker: a native command listens on this machine's ports itself");
        }
        let cx = project.cx;
        let bash = cx.host.find_program("bash").filter(|_| prefixes::has_activation_scripts(prefix));
        let script = cx.layout.run_scripts().join("activate.sh");
        let run = NativeRun {
            prefix,
            activation: bash.as_ref().map(|it| [it.as_str(), script.as_str()]),
            solver: project.plan.solver,
            tools: &solving::tools_of(cx, project.plan.solver),
            settings: &project.settings,
            variables: &project.intent.environment.variables,
            passed: self.passed,
            directory: self.directory.filter(|it| project.settings.directory_in_container(it).is_some()),
            command: self.command,
        };
        Ok(run.invocation(&cx.host))
    }
}

/// The commit of the code, for what a program writes beside its results: `GIT_COMMIT`, with `-dirty` behind it where tracked files
/// have changed since. The runtime image has no git to ask.
fn commit(cx: &Context) -> Option<EnvArg> {
    let describe = ["describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"];
    let git = Invocation::new("git").args(["-C", cx.layout.root().as_str()]).args(describe);
    let answer = cx.runner.read(&git).ok().filter(|it| it.exit.success())?;
    Some(EnvArg::Set("GIT_COMMIT".to_owned(), answer.stdout.trim().to_owned()))
}

/// Starts a job and prints its name. Of one that cannot be started nothing is left.
fn start_job(cx: &Context, invocation: &Invocation, job: &JobName, lease: Option<&Lease>) -> Result<Exit> {
    let started = cx.runner.change(invocation)?;
    if !started.exit.success() {
        cx.ui.notice(started.stderr.trim());
        lease.map_or(Ok(()), |it| containers::remove_unstarted(cx, it.name()))?;
        return Ok(started.exit);
    }
    if !cx.is_dry_run() {
        cx.ui.data(job);
        cx.ui.notice(format_args!(
            "the job `{job}` runs in the background: `cargo xtask logs -f {job}` shows its output, `wait {job}` has its exit code, \
             `stop {job}` ends it"
        ));
    }
    Ok(started.exit)
}

/// Has a service run an image that another name was given to since: by its own name, or, where only compose can run the
/// service, by taking the name of the target for it.
fn take_over(project: &Project, service: &mut ComposeService, image: &str) -> Result<()> {
    if service.run_options(Invocation::new("docker"), &project.cx.host).is_err() {
        return Ok(project.cx.runner.succeed(&TagRequest { image, name: &service.image }.invocation())?);
    }
    image.clone_into(&mut service.image);
    Ok(())
}

/// compose can only run the image that its files name, so an image for another platform needs `docker run`.
fn require_docker_run(service: &ComposeService, platform: &Platform, host: &HostEnvironment) -> Result<()> {
    match service.run_options(Invocation::new("docker"), host) {
        Ok(_) => Ok(()),
        Err(ComposeOnlyKey(key)) => bail!(
            "`--platform {platform}` does not work with the key `{key}` of the service `{}`, which only compose supports: \
             remove it from compose.override.yaml",
            service.name
        ),
    }
}

/// How a command is connected to this process's terminal.
pub fn connect(cx: &Context, is_detached: bool) -> Terminal {
    match (is_detached, cx.ui.is_interactive()) {
        (true, _) => Terminal::Detached,
        (false, true) => Terminal::Interactive,
        (false, false) => Terminal::Streams,
    }
}

/// Shows why a native command was not started, as a shell would, and has its exit code.
fn native_outcome(cx: &Context, result: Result<Exit, ProcessError>) -> Outcome {
    Outcome::Ended(result.unwrap_or_else(|error| {
        let exit = error.shell_exit();
        cx.ui.error(&error.into());
        exit
    }))
}
