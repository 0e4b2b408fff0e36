//! Children that change nothing and are asked for what they print, also in a dry run.

use std::io::{self, IsTerminal as _};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::{
    Exit, Invocation, ProcessError, Runner,
    child::{Purpose, require_no_stop, spawn},
    interrupt,
    patience::Patience,
    process_group::{self, Group},
};

/// What a query printed. What is not UTF-8 in it is replaced by U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryOutput {
    pub exit: Exit,
    pub stdout: String,
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

/// How often a child that has a limit is looked at.
const POLL: Duration = Duration::from_millis(100);

/// How long a child that was asked to stop may take to remove what it has made.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// How long removing may take what this program has made.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(120);

impl Runner {
    /// Asks a child and captures its answer, whether it succeeds or not.
    pub fn read(&self, invocation: &Invocation) -> Result<QueryOutput, ProcessError> {
        let (asked, invocation) = (invocation, &*self.spoken(invocation)?);
        self.announce_query(invocation);
        let child = spawn(invocation, Group::at_terminal(), Purpose::Work, captured)?;
        let _patience = Patience::with(self.ui(), invocation);
        let output = child.wait_with_output().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok(self.understood(asked, output.into()))
    }

    /// [`read`](Self::read) of a child that takes its time and draws its progress where it sees a terminal: there its standard
    /// error is ours, and is not in the answer.
    pub fn read_with_progress(&self, invocation: &Invocation) -> Result<QueryOutput, ProcessError> {
        let (asked, invocation) = (invocation, &*self.spoken(invocation)?);
        self.announce_query(invocation);
        let connect = if io::stderr().is_terminal() { answering } else { captured };
        let child = spawn(invocation, Group::at_terminal(), Purpose::Work, connect)?;
        let output = child.wait_with_output().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok(self.understood(asked, output.into()))
    }

    /// [`read`](Self::read) of a child that may hang: it is killed at the limit, with all that it has started.
    pub fn read_within(&self, invocation: &Invocation, limit: Duration) -> Result<QueryOutput, ProcessError> {
        let (asked, invocation) = (invocation, &*self.spoken(invocation)?);
        self.announce_query(invocation);
        let output = wait_within(invocation, Purpose::Work, limit);
        require_no_stop()?;
        output.map(|it| self.understood(asked, it))
    }

    /// Runs a child that changes something, and captures what it prints. In a dry run that is nothing.
    pub fn change(&self, invocation: &Invocation) -> Result<QueryOutput, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(QueryOutput { exit: Exit::SUCCESS, stdout: String::new(), stderr: String::new() });
        }
        let child = spawn(invocation, Group::at_terminal(), Purpose::Work, captured)?;
        let _patience = Patience::with(self.ui(), invocation);
        let output = child.wait_with_output().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok(output.into())
    }

    /// Runs a child that removes what this program has made, and captures what it prints. Other than all else it runs after a
    /// signal that asks us to stop, too; neither this signal nor another one reaches it.
    pub fn clean_up(&self, invocation: &Invocation) -> Result<QueryOutput, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(QueryOutput { exit: Exit::SUCCESS, stdout: String::new(), stderr: String::new() });
        }
        wait_within(invocation, Purpose::CleanUp, CLEAN_UP_LIMIT)
    }
}

/// Captures the answer of a child alone.
fn answering(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::piped())
}

/// Captures what a child prints, and gives it nothing to read.
fn captured(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped())
}

fn wait_within(invocation: &Invocation, purpose: Purpose, limit: Duration) -> Result<QueryOutput, ProcessError> {
    // A group of its own can be killed whole.
    let child = spawn(invocation, Group::Own, purpose, captured)?;
    let leader = child.id();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || _ = sender.send(child.wait_with_output()));
    if let Some(output) = receive_within(&receiver, purpose, limit) {
        return output.map(QueryOutput::from).map_err(|source| ProcessError::not_started(invocation, source));
    }
    process_group::kill_process_group(leader);
    Err(ProcessError::TimedOut { invocation: Box::new(invocation.clone()), limit })
}

/// What comes before the limit. A child that works has no more than the grace period left once we are asked to stop.
fn receive_within<T>(receiver: &Receiver<T>, purpose: Purpose, limit: Duration) -> Option<T> {
    let mut end = Instant::now() + limit;
    let mut is_stopping = false;
    loop {
        if purpose == Purpose::Work && !is_stopping && interrupt::stop_signal().is_some() {
            is_stopping = true;
            end = end.min(Instant::now() + GRACE_PERIOD);
        }
        let left = end.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left.min(POLL)) {
            Ok(value) => return Some(value),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Echo, Ui};

    fn ask(script: &str, limit: Duration) -> Result<QueryOutput, ProcessError> {
        Runner::new(Echo::DryRun, Ui::new(true, true)).read_within(&Invocation::new("sh").args(["-c", script]), limit)
    }

    #[test]
    fn a_query_with_a_limit_reads_both_streams_however_long() {
        let script = "i=0; while [ $i -lt 9999 ]; do echo out-$i; echo err-$i >&2; i=$((i+1)); done; exit 3";
        let output = ask(script, Duration::from_secs(60)).unwrap();
        assert_eq!(output.exit, Exit::Code(3));
        assert!(output.stdout.ends_with("out-9998\n") && output.stderr.ends_with("err-9998\n"));
    }

    #[test]
    fn a_query_that_hangs_ends_at_its_limit() {
        // The grandchild holds the pipes open.
        let error = ask("sleep 600 & sleep 600", Duration::from_millis(200)).unwrap_err();
        assert_eq!(error.to_string(), "`sh` gave no answer within 0.2 s");
    }
}
