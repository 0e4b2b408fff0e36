//! Children whose stderr is listened to.

use std::io::{self, IsTerminal as _, Read, Write as _};
use std::process::Stdio;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::{
    Exit, Invocation, ProcessError, Runner,
    child::{Purpose, require_no_stop, spawn},
    process_group::Group,
    pseudo_terminal::PseudoTerminal,
};

/// Bytes that are read at once at most. A pipe or a terminal gives fewer if it has fewer.
const BUFFER: usize = 1 << 14;

/// As many pieces of that length wait for the listener at most.
const PIECES: usize = 16;

const SECOND: Duration = Duration::from_secs(1);

impl Runner {
    /// As [`status`](Self::status), and `listen` is given what the child prints on stderr, as it prints it. Where our
    /// stderr is a terminal, so is the child's. It reads nothing.
    pub fn watch(&self, invocation: &Invocation, listen: &mut dyn FnMut(&[u8])) -> Result<Exit, ProcessError> {
        // Its own group, because `docker` would not tell its plugin, which is what builds.
        self.listen_to(invocation, Group::Own, Stdio::null(), listen)
    }

    /// As [`watch`](Self::watch), but what the child prints is not shown, and the child sees no terminal. `listen` is given nothing
    /// once in each second in which the child prints nothing.
    pub fn watch_silently(&self, invocation: &Invocation, listen: &mut dyn FnMut(&[u8])) -> Result<Exit, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        let mut child = spawn(invocation, Group::Own, Purpose::Work, |command| {
            command.stdin(Stdio::null()).stderr(Stdio::piped())
        })?;
        if let Some(pipe) = child.take_stderr() {
            let (sender, pieces) = mpsc::sync_channel(PIECES);
            thread::spawn(move || read_all(pipe, &mut |it| _ = sender.send(it.to_owned())));
            loop {
                match pieces.recv_timeout(SECOND) {
                    Ok(piece) => listen(&piece),
                    Err(RecvTimeoutError::Timeout) => listen(&[]),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        }
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok(status.into())
    }

    /// As [`watch`](Self::watch), for a child that may ask the user for a password, and must succeed.
    pub fn succeed_and_listen(
        &self,
        invocation: &Invocation,
        listen: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ProcessError> {
        match self.listen_to(invocation, Group::at_terminal(), Stdio::inherit(), listen)? {
            Exit::SUCCESS => Ok(()),
            exit => Err(ProcessError::failed(invocation, exit)),
        }
    }

    fn listen_to(
        &self,
        invocation: &Invocation,
        group: Group,
        stdin: Stdio,
        listen: &mut dyn FnMut(&[u8]),
    ) -> Result<Exit, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        let terminal = if io::stderr().is_terminal() { PseudoTerminal::new().ok() } else { None };
        let (terminal, stderr) =
            terminal.map_or((None, Stdio::piped()), |(terminal, drawing)| (Some(terminal), drawing.into()));
        let mut child = spawn(invocation, group, Purpose::Work, |command| command.stdin(stdin).stderr(stderr))?;
        match (terminal, child.take_stderr()) {
            (Some(terminal), _) => pass_on(terminal, listen),
            (None, Some(pipe)) => pass_on(pipe, listen),
            (None, None) => {}
        }
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok(status.into())
    }

    /// As [`status`](Self::status), and gives what the child printed on stderr, which is not shown: the caller says what it
    /// means.
    pub fn status_and_stderr(&self, invocation: &Invocation) -> Result<(Exit, String), ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok((Exit::SUCCESS, String::new()));
        }
        let child = spawn(invocation, Group::at_terminal(), Purpose::Work, |command| command.stderr(Stdio::piped()))?;
        let output = child.wait_with_output().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        Ok((output.status.into(), String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// Copies to our stderr, whose reader may have gone away: the child goes on all the same.
fn pass_on(from: impl Read, listen: &mut dyn FnMut(&[u8])) {
    read_all(from, &mut |it| {
        _ = io::stderr().write_all(it);
        listen(it);
    });
}

fn read_all(mut from: impl Read, listen: &mut dyn FnMut(&[u8])) {
    let mut buffer = vec![0; BUFFER];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => listen(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Echo, Ui};

    #[test]
    fn what_a_child_prints_is_heard_to_its_end() {
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

    #[test]
    fn what_a_child_prints_is_heard_without_being_shown() {
        let runner = Runner::new(Echo::Quiet, Ui::new(false, true));
        let script =
            "test ! -t 2; echo $? >&2; i=0; while [ $i -lt 9999 ]; do echo step-$i >&2; i=$((i+1)); done; exit 3";
        let mut heard = Vec::new();
        let child = Invocation::new("sh").args(["-c", script]);
        let exit = runner.watch_silently(&child, &mut |it| heard.extend_from_slice(it)).unwrap();
        assert_eq!(exit, Exit::Code(3));
        let heard = String::from_utf8(heard).unwrap();
        assert!(heard.starts_with("0\n") && heard.ends_with("step-9998\n") && heard.lines().count() == 10_000);
    }

    #[test]
    fn stderr_is_kept_and_a_dry_run_has_none() {
        let run = |echo| {
            let invocation = Invocation::new("sh").args(["-c", "echo denied >&2; exit 3"]);
            Runner::new(echo, Ui::new(false, true)).status_and_stderr(&invocation).unwrap()
        };
        assert_eq!(run(Echo::Quiet), (Exit::Code(3), "denied".to_owned()));
        assert_eq!(run(Echo::DryRun), (Exit::SUCCESS, String::new()));
    }
}
