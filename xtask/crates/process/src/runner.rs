//! Where this program starts others: as a child, or in its own place.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::{
    Dialect, Exit, Invocation, ProcessError,
    child::{Purpose, require_allowed, require_no_stop, spawn},
    inherited_file, interrupt,
    invocation::EnvChange,
    offline,
    process_group::Group,
};
use crate::Ui;

/// How much of what is started is shown, and whether it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// Start, and show only what the children print.
    Quiet,
    /// Print each invocation as it starts.
    Verbose,
    /// Print each invocation that would change something, and start none of these.
    DryRun,
}

/// Runs invocations: those that change something by [`status`](Self::status) and [`exec`](Self::exec), those that only ask
/// by [`read`](Self::read). The other methods are these with a limit, with a condition or with another way to read streams.
#[derive(Debug, Clone, Copy)]
pub struct Runner {
    echo: Echo,
    ui: Ui,
    pub(super) dialect: Option<&'static dyn Dialect>,
}

impl Runner {
    /// A runner that shows on `ui` as much as `echo` says.
    pub fn new(echo: Echo, ui: Ui) -> Self {
        Self { echo, ui, dialect: None }
    }

    /// The same runner, which says in a dialect what it starts.
    #[must_use]
    pub fn speaking(self, dialect: &'static dyn Dialect) -> Self {
        Self { dialect: Some(dialect), ..self }
    }

    pub fn is_dry_run(&self) -> bool {
        self.echo == Echo::DryRun
    }

    /// Whether a person wants to see all that happens.
    pub fn is_verbose(&self) -> bool {
        self.echo == Echo::Verbose
    }

    /// Runs a child with our streams and waits for it. A signal that asks us to stop, such as Ctrl-C, is left to the child;
    /// once the child has ended, the error is [`ProcessError::Interrupted`].
    pub fn status(&self, invocation: &Invocation) -> Result<Exit, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        let child = spawn(invocation, Group::at_terminal(), Purpose::Work, |command| command)?;
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok(status.into())
    }

    /// [`status`](Self::status) of a child that must succeed.
    pub fn succeed(&self, invocation: &Invocation) -> Result<(), ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        match self.status(invocation)? {
            Exit::SUCCESS => Ok(()),
            exit => Err(ProcessError::failed(invocation, exit)),
        }
    }

    /// Becomes the child: exit code, terminal and signals are its own. Returns only from a dry run, or with the reason
    /// why the child could not be started.
    pub fn exec(&self, invocation: &Invocation) -> Result<Exit, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        // In this order, so that no signal is lost in between.
        interrupt::stop_recording();
        require_no_stop()?;
        require_allowed(invocation)?;
        let source = command(invocation).exec();
        Err(ProcessError::not_started(invocation, source))
    }

    /// [`exec`](Self::exec) with a file that stays open, and locked if it is, until the child ends.
    pub fn exec_holding(&self, invocation: &Invocation, file: Option<&File>) -> Result<Exit, ProcessError> {
        if let Some(file) = file {
            inherited_file::keep_open_across_exec(file)
                .map_err(|source| ProcessError::not_started(invocation, source))?;
        }
        self.exec(invocation)
    }

    pub(super) fn ui(&self) -> Ui {
        self.ui
    }

    pub(super) fn announce_query(&self, invocation: &Invocation) {
        if self.echo == Echo::Verbose {
            self.ui.report(format_args!("+ {invocation}"));
        }
    }

    pub(super) fn announce(&self, invocation: &Invocation) {
        match self.echo {
            Echo::Quiet => {}
            Echo::Verbose => self.ui.report(format_args!("+ {invocation}")),
            Echo::DryRun => self.ui.data(invocation),
        }
    }
}

/// Variables that would have a program do something else than it is told. With this one, Docker builds and runs for another platform
/// than the images are named and locked for; `--platform` is the way to ask for one.
const NOT_PASSED_ON: [(&str, &str); 1] = [("docker", "DOCKER_DEFAULT_PLATFORM")];

#[expect(clippy::disallowed_methods, reason = "the one place that makes a process of an invocation")]
pub(super) fn command(invocation: &Invocation) -> Command {
    let mut command = Command::new(invocation.program());
    command.args(invocation.arguments());
    for (program, variable) in NOT_PASSED_ON {
        if invocation.program() == program {
            command.env_remove(variable);
        }
    }
    for (name, value) in offline::variables() {
        command.env(name, value);
    }
    for (name, change) in invocation.variables() {
        match change {
            EnvChange::Plain(value) => command.env(name, value),
            EnvChange::Secret(value) => command.env(name, value.reveal()),
            EnvChange::Removed => command.env_remove(name),
        };
    }
    if let Some(directory) = invocation.directory() {
        command.current_dir(directory);
    }
    command
}
