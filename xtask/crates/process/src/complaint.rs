//! Children whose complaints decide what the user is told.

use std::process::Stdio;

use super::{Exit, Invocation, ProcessError, Runner, interrupt, runner::command};

impl Runner {
    /// As [`status`](Self::status), but what the child says on stderr is not shown: whoever asked says what it means.
    pub fn complaint(&self, invocation: &Invocation) -> Result<(Exit, String), ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok((Exit::SUCCESS, String::new()));
        }
        interrupt::leave_to_child();
        let not_started = |source| ProcessError::not_started(invocation, source);
        let child = command(invocation).stderr(Stdio::piped()).spawn().map_err(not_started)?;
        let output = child.wait_with_output().map_err(not_started)?;
        if interrupt::happened() {
            return Err(ProcessError::Interrupted);
        }
        Ok((output.status.into(), String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Echo;
    use crate::Ui;

    #[test]
    fn a_complaint_is_kept_and_a_dry_run_has_none() {
        let ask = |echo| {
            let invocation = Invocation::new("sh").args(["-c", "echo denied >&2; exit 3"]);
            Runner::new(echo, Ui::new(false, true)).complaint(&invocation).unwrap()
        };
        assert_eq!(ask(Echo::Quiet), (Exit::Code(3), "denied".to_owned()));
        assert_eq!(ask(Echo::DryRun), (Exit::SUCCESS, String::new()));
    }
}
