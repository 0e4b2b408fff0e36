//! Children that do not pass on the signals that they get, so that the signals have to take another way.

use std::io::{IsTerminal as _, stdin};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use super::{EndingSignal, Exit, Invocation, ProcessError, Runner, ending_signal, runner::spawn};

impl Runner {
    /// Runs a child with our streams and waits for it. A signal that asks this process to end does not: `relay` is given it
    /// instead, and makes the child end, now or later. Where it cannot, the child is ended, and the exit is the signal's.
    pub fn attend(
        &self,
        invocation: &Invocation,
        relay: impl Fn(EndingSignal) -> bool + Send + 'static,
    ) -> Result<Exit, ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        // Ctrl-C and the like reach a whole group. In one of its own, the child hears of a signal through us alone; but it
        // could not read from a terminal then.
        let is_alone = !stdin().is_terminal();
        let mut child = spawn(invocation, |command| if is_alone { command.process_group(0) } else { command })?;
        let (received, refused) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicU8::new(0)));
        let process = child.id();
        let is_held = ending_signal::hold_back();
        if is_held {
            let (received, refused) = (Arc::clone(&received), Arc::clone(&refused));
            thread::spawn(move || {
                while let Some(signal) = ending_signal::wait() {
                    received.store(signal.number(), Ordering::Relaxed);
                    if !relay(signal) {
                        refused.store(signal.number(), Ordering::Relaxed);
                        signal.send(process);
                    }
                }
            });
        }
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        let exit = Exit::from(status);
        let (received, refused) = (received.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
        // A client of Docker that was interrupted itself ends with 0, whatever becomes of the command.
        let is_childs_own = refused == 0 && (received == 0 || is_alone || !exit.success());
        Ok(if is_childs_own { exit } else { Exit::Signal(received) })
    }

    /// Runs a child that changes something, and shows nothing of what it prints.
    pub fn quietly(&self, invocation: &Invocation) -> Result<Exit, ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(Exit::SUCCESS);
        }
        let mut child =
            spawn(invocation, |command| command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))?;
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        Ok(status.into())
    }
}
