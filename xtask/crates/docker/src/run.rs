//! `docker run`: a command in a new container.

use camino::Utf8Path;

use environment::Platform;
use process::{EnvArg, HostEnvironment, Invocation};

use super::{Compose, ComposeService, csv, env_args, labels, leased};

/// The path in a container of the file that its client holds locked as long as the client lives.
const LEASE: &str = "/run/xtask/lease";

/// One command in a container of its own, which is removed afterwards, unless it is a job.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRequest<'a> {
    pub service: &'a ComposeService,
    /// Environment variables that the user passes.
    pub passed: &'a [EnvArg],
    /// Ports to publish, as Docker writes them.
    pub published: &'a [String],
    pub terminal: Terminal,
    /// The image's platform, where it is not this machine's.
    pub platform: Option<&'a Platform>,
    /// A file that the client holds locked: unless it is in the background, the container ends when the lock is released.
    pub lease: Option<&'a Utf8Path>,
    /// Where the command starts, where that is not the service's working directory.
    pub directory: Option<&'a Utf8Path>,
    /// What it is known by where it goes on in the background. It stays when it has ended, with its output and exit code.
    pub job: Option<JobNames<'a>>,
    /// The program and its arguments.
    pub command: &'a [String],
}

/// By which people and Docker find a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobNames<'a> {
    /// In its project.
    pub job: &'a str,
    /// Of its container, which no other one on the machine has.
    pub container: &'a str,
}

/// How a container is connected to the terminal it was started from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// In the background.
    Detached,
    /// Through pipes or files: nothing asks for a terminal.
    Streams,
    /// A person reads and types.
    Interactive,
}

impl Terminal {
    /// The options of `docker run` and `docker exec`.
    pub(super) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Detached => &["--detach"],
            Self::Streams => &["--interactive"],
            Self::Interactive => &["--interactive", "--tty"],
        }
    }

    /// The options of `docker compose run`, which uses a terminal by default.
    fn compose_flags(self) -> &'static [&'static str] {
        match self {
            Self::Detached => &["--detach"],
            Self::Streams => &["--no-TTY"],
            Self::Interactive => &[],
        }
    }
}

impl RunRequest<'_> {
    /// `docker run`, which starts sooner than `docker compose run`; the latter where the service has a key that only compose
    /// knows.
    pub fn invocation(&self, compose: &Compose, host: &HostEnvironment) -> Invocation {
        // An image that was removed meanwhile must not be looked for in a registry.
        let run = Invocation::new("docker")
            .arg("run")
            .args(self.life())
            .arg("--pull=never")
            .args(self.terminal.flags().iter().copied());
        let platform = self.platform.into_iter().flat_map(|it| ["--platform".to_owned(), it.to_string()]);
        let run = run.args(platform);
        if let Ok(run) = self.service.run_options(run, host) {
            let mount = self.lease_to_see().into_iter().flat_map(lease_mount);
            let run = run.args(self.lease_label()).args(mount).args(self.ports()).args(self.workdir());
            return self.passed.iter().fold(run, env_args::pass).arg(&self.service.image).args(self.command);
        }
        let run = compose.invocation(["run"]).args(self.life()).args(self.terminal.compose_flags().iter().copied());
        let volume = self.lease_to_see().map(|it| format!("--volume={it}:{LEASE}"));
        let run = run.args(self.lease_label()).args(volume).args(self.ports()).args(self.workdir());
        let run = self.passed.iter().fold(run, env_args::pass_to_compose);
        run.arg(&self.service.name).args(self.command)
    }

    /// Whether it is removed when it has ended, or has a name to be found by.
    fn life(&self) -> Vec<String> {
        match self.job {
            None => vec!["--rm".to_owned()],
            Some(JobNames { job, container }) => {
                let label = format!("{}={job}", labels::JOB);
                ["--name", container, "--label", &label].map(str::to_owned).into()
            }
        }
    }

    fn workdir(&self) -> impl Iterator<Item = String> {
        self.directory.into_iter().flat_map(|it| ["--workdir".to_owned(), it.to_string()])
    }

    fn lease_to_see(&self) -> Option<&Utf8Path> {
        self.lease.filter(|_| self.terminal != Terminal::Detached)
    }

    /// By which the container is found where it could not be told to end with its client.
    fn lease_label(&self) -> impl Iterator<Item = String> {
        let name = self.lease.and_then(Utf8Path::file_name);
        name.into_iter().flat_map(|it| ["--label".to_owned(), format!("{}={it}", leased::LEASE)])
    }

    /// A port without an address is published to this machine alone: a notebook or dashboard is nobody else's business.
    fn ports(&self) -> impl Iterator<Item = String> {
        let local =
            |port: &String| if port.matches(':').count() == 1 { format!("127.0.0.1:{port}") } else { port.clone() };
        self.published.iter().flat_map(move |it| ["--publish".to_owned(), local(it)])
    }
}

/// The container may write to it, to say that it has seen it.
fn lease_mount(lease: &Utf8Path) -> [String; 2] {
    ["--mount".to_owned(), format!("type=bind,{},target={LEASE}", csv::field("source", lease))]
}
