//! Children that speak for themselves while we listen.

use std::io::{self, IsTerminal as _, Read, Write as _};
use std::process::Stdio;

use super::{Exit, Invocation, ProcessError, Runner, interrupt, runner::command, terminal::PseudoTerminal};

/// What is read at once. A pipe or a terminal gives what is there.
const BUFFER: usize = 1 << 14;

impl Runner {
    /// As [`status`](Self::status), and `hear` is given what the child says on stderr, as it says it. Where our stderr is a
    /// terminal, so is the child's.
    pub fn watch(&self, invocation: &Invocation, hear: &mut dyn FnMut(&[u8])) -> Result<Exit, ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        interrupt::leave_to_child();
        let not_started = |source| ProcessError::not_started(invocation, source);
        let mut command = command(invocation);
        let screen = if io::stderr().is_terminal() { PseudoTerminal::new().ok() } else { None };
        let (screen, stderr) = screen.map_or((None, Stdio::piped()), |(screen, child)| (Some(screen), child.into()));
        let mut child = command.stderr(stderr).spawn().map_err(not_started)?;
        // It holds the child's end of the terminal, which would then never end.
        drop(command);
        match (screen, child.stderr.take()) {
            (Some(screen), _) => pass_on(screen, hear),
            (None, Some(pipe)) => pass_on(pipe, hear),
            (None, None) => {}
        }
        let status = child.wait().map_err(not_started)?;
        if interrupt::happened() { Err(ProcessError::Interrupted) } else { Ok(status.into()) }
    }
}

/// To our stderr, whose reader may have gone away: the child goes on all the same.
fn pass_on(mut from: impl Read, hear: &mut dyn FnMut(&[u8])) {
    let mut buffer = vec![0; BUFFER];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                _ = io::stderr().write_all(&buffer[..count]);
                hear(&buffer[..count]);
            }
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Echo;
    use crate::Ui;

    #[test]
    fn what_a_child_says_is_heard_to_its_end() {
        let runner = Runner::new(Echo::Quiet, Ui::new(false, true));
        let script = "echo no >&1; i=0; while [ $i -lt 9999 ]; do echo step-$i >&2; i=$((i+1)); done; exit 3";
        let mut heard = Vec::new();
        let child = Invocation::new("sh").args(["-c", script]);
        let exit = runner.watch(&child, &mut |it| heard.extend_from_slice(it)).unwrap();
        assert_eq!(exit, Exit::Code(3));
        let heard = String::from_utf8(heard).unwrap();
        assert_eq!(heard.lines().filter(|it| it.starts_with("step-")).count(), 9999);
        assert!(heard.trim_end().ends_with("step-9998") && !heard.contains("no"));
    }
}
