//! The only place where child processes start.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Exit, Invocation, ProcessError, group, inherited, interrupt, invocation::EnvChange};
use crate::Ui;

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
pub struct QueryOutput {
    /// How it ended.
    pub exit: Exit,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl From<Output> for QueryOutput {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.into(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// How long Ctrl-C may go unnoticed while a child is waited for that is in a group of its own.
const ATTENTION: Duration = Duration::from_millis(100);

/// Starts invocations, in one of three ways: [`status`](Self::status), [`read`](Self::read) (with a limit:
/// [`read_within`](Self::read_within)), [`exec`](Self::exec).
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
            exit => Err(ProcessError::failed(invocation, exit)),
        }
    }

    /// Asks a child that changes nothing, also in a dry run, and captures its answer.
    pub fn read(&self, invocation: &Invocation) -> Result<QueryOutput, ProcessError> {
        self.announce_question(invocation);
        let output = command(invocation).stdin(Stdio::null()).output();
        output.map(QueryOutput::from).map_err(|source| ProcessError::not_started(invocation, source))
    }

    /// [`read`](Self::read) of a child that may hang: it is killed at the limit, with all that it has started.
    pub fn read_within(&self, invocation: &Invocation, limit: Duration) -> Result<QueryOutput, ProcessError> {
        self.announce_question(invocation);
        // A group of its own can be killed whole, but Ctrl-C does not reach it: so we hear it, and end the group.
        interrupt::leave_to_child();
        let child = command(invocation)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|source| ProcessError::not_started(invocation, source))?;
        let leader = child.id();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || _ = sender.send(child.wait_with_output()));
        if let Some(output) = wait(&receiver, limit) {
            return output.map(QueryOutput::from).map_err(|source| ProcessError::not_started(invocation, source));
        }
        group::kill_group(leader);
        Err(if interrupt::happened() {
            ProcessError::Interrupted
        } else {
            ProcessError::TimedOut { invocation: Box::new(invocation.clone()), limit }
        })
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

    /// [`exec`](Self::exec) with a file that stays open, and locked if it is, until the child ends.
    pub fn exec_holding(&self, invocation: &Invocation, file: Option<&File>) -> Result<Exit, ProcessError> {
        if let Some(file) = file {
            inherited::keep(file).map_err(|source| ProcessError::not_started(invocation, source))?;
        }
        self.exec(invocation)
    }

    pub(super) fn announce_question(&self, invocation: &Invocation) {
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

/// What comes before the limit and before Ctrl-C.
fn wait<T>(receiver: &Receiver<T>, limit: Duration) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left.min(ATTENTION)) {
            Ok(value) => return Some(value),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if left.is_zero() || interrupt::happened() => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes a process of an invocation")]
pub(super) fn command(invocation: &Invocation) -> Command {
    let mut command = Command::new(invocation.program());
    command.args(invocation.arguments());
    for (name, variable) in invocation.variables() {
        match variable {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(script: &str, limit: Duration) -> Result<QueryOutput, ProcessError> {
        Runner::new(Echo::DryRun, Ui::new(true, true)).read_within(&Invocation::new("sh").args(["-c", script]), limit)
    }

    #[test]
    fn a_query_with_a_limit_reads_both_streams_however_long() {
        let script = "i=0; while [ $i -lt 9999 ]; do echo out-$i; echo err-$i >&2; i=$((i+1)); done; exit 3";
        let reading = asked(script, Duration::from_secs(60)).unwrap();
        assert_eq!(reading.exit, Exit::Code(3));
        assert!(reading.stdout.ends_with("out-9998\n") && reading.stderr.ends_with("err-9998\n"));
    }

    #[test]
    fn a_query_that_hangs_ends_at_its_limit() {
        // The grandchild holds the pipes open.
        let error = asked("sleep 600 & sleep 600", Duration::from_millis(200)).unwrap_err();
        assert_eq!(error.to_string(), "`sh` gave no answer within 0.2 s");
    }
}
