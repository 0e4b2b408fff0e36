//! Children that change nothing and are asked for what they print, also in a dry run.

use std::os::unix::process::CommandExt as _;
use std::process::{Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Exit, Invocation, ProcessError, Runner, interrupt, process_group, runner::spawn};

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

/// How long Ctrl-C may go unnoticed while a child is waited for that is in a group of its own.
const INTERRUPT_POLL: Duration = Duration::from_millis(100);

impl Runner {
    /// Asks a child and captures its answer, whether it succeeds or not.
    pub fn read(&self, invocation: &Invocation) -> Result<QueryOutput, ProcessError> {
        self.announce_query(invocation);
        let child =
            spawn(invocation, |command| command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        let output = child.wait_with_output();
        output.map(QueryOutput::from).map_err(|source| ProcessError::not_started(invocation, source))
    }

    /// [`read`](Self::read) of a child that may hang: it is killed at the limit, with all that it has started.
    pub fn read_within(&self, invocation: &Invocation, limit: Duration) -> Result<QueryOutput, ProcessError> {
        self.announce_query(invocation);
        // A group of its own can be killed whole, but Ctrl-C does not reach it: so we hear it, and end the group.
        interrupt::leave_to_child();
        let child = spawn(invocation, |command| {
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0)
        })?;
        let leader = child.id();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || _ = sender.send(child.wait_with_output()));
        if let Some(output) = receive_within(&receiver, limit) {
            return output.map(QueryOutput::from).map_err(|source| ProcessError::not_started(invocation, source));
        }
        process_group::kill_process_group(leader);
        Err(if interrupt::happened() {
            ProcessError::Interrupted
        } else {
            ProcessError::TimedOut { invocation: Box::new(invocation.clone()), limit }
        })
    }
}

/// What comes before the limit and before Ctrl-C.
fn receive_within<T>(receiver: &Receiver<T>, limit: Duration) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left.min(INTERRUPT_POLL)) {
            Ok(value) => return Some(value),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if left.is_zero() || interrupt::happened() => return None,
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
