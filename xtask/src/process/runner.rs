//! The only place where child processes start.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::invocation::Variable;
use super::{Exit, Invocation, ProcessError, interrupt};
use crate::ui::Ui;

/// How much of what is started is shown, and whether it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// Start, and let the children speak for themselves.
    Quiet,
    /// Print each invocation as it starts.
    Verbose,
    /// Print each invocation that would change something, and start none of these.
    DryRun,
}

/// What a query printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How it ended.
    pub exit: Exit,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// Starts invocations, in one of three ways: [`status`](Self::status), [`read`](Self::read), [`exec`](Self::exec).
#[derive(Debug, Clone, Copy)]
pub struct Runner {
    echo: Echo,
    ui: Ui,
}

impl Runner {
    /// A runner that tells `ui` as much as `echo` says.
    pub fn new(echo: Echo, ui: Ui) -> Self {
        Self { echo, ui }
    }

    /// Whether nothing may be changed.
    pub fn is_dry_run(&self) -> bool {
        self.echo == Echo::DryRun
    }

    /// Runs a child that speaks for itself and waits for it. Ctrl-C is left to the child, which has the terminal;
    /// when it is done with it, that is the error.
    pub fn status(&self, invocation: &Invocation) -> Result<Exit, ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        interrupt::leave_to_child();
        let status = command(invocation).status().map_err(|source| ProcessError::not_started(invocation, source))?;
        if interrupt::happened() { Err(ProcessError::Interrupted) } else { Ok(status.into()) }
    }

    /// [`status`](Self::status) of a child that must succeed.
    pub fn succeed(&self, invocation: &Invocation) -> Result<(), ProcessError> {
        match self.status(invocation)? {
            Exit::SUCCESS => Ok(()),
            exit => Err(failed(invocation, exit, String::new())),
        }
    }

    /// Asks a child that changes nothing, also in a dry run, and captures its answer.
    pub fn read(&self, invocation: &Invocation) -> Result<Reading, ProcessError> {
        if self.echo == Echo::Verbose {
            self.ui.report(format_args!("+ {invocation}"));
        }
        let output = command(invocation)
            .stdin(Stdio::null())
            .output()
            .map_err(|source| ProcessError::not_started(invocation, source))?;
        Ok(Reading {
            exit: output.status.into(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// The trimmed standard output of a query that must succeed.
    pub fn read_line(&self, invocation: &Invocation) -> Result<String, ProcessError> {
        let Reading { exit, stdout, stderr } = self.read(invocation)?;
        if exit.success() { Ok(stdout.trim().to_owned()) } else { Err(failed(invocation, exit, stderr)) }
    }

    /// Becomes the child: exit code, terminal and signals are its own. Returns only from a dry run, or with the reason
    /// why the child could not be started.
    pub fn exec(&self, invocation: &Invocation) -> Result<Exit, ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        let source = command(invocation).exec();
        Err(ProcessError::not_started(invocation, source))
    }

    fn announce(&self, invocation: &Invocation) {
        match self.echo {
            Echo::Quiet => {}
            Echo::Verbose => self.ui.report(format_args!("+ {invocation}")),
            Echo::DryRun => self.ui.data(invocation),
        }
    }
}

fn failed(invocation: &Invocation, exit: Exit, stderr: String) -> ProcessError {
    ProcessError::Failed { invocation: Box::new(invocation.clone()), exit, stderr }
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes a process of an invocation")]
fn command(invocation: &Invocation) -> Command {
    let mut command = Command::new(invocation.program());
    command.args(invocation.arguments());
    for (name, variable) in invocation.variables() {
        match variable {
            Variable::Plain(value) => command.env(name, value),
            Variable::Hidden(value) => command.env(name, value.reveal()),
            Variable::Removed => command.env_remove(name),
        };
    }
    if let Some(directory) = invocation.directory() {
        command.current_dir(directory);
    }
    command
}
