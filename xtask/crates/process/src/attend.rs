//! Children that do not pass on the signals that they get, so that the signals have to take another way.

use std::io::{IsTerminal as _, stdin};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::{
    Exit, Invocation, ProcessError, Runner, StopSignal,
    child::{Purpose, spawn},
    held_back,
    process_group::Group,
};

/// The last signal that came while a child was attended, and whether the relay has refused it.
#[derive(Debug, Clone, Copy)]
struct RelayedSignal {
    signal: StopSignal,
    is_refused: bool,
}

impl Runner {
    /// Runs a child with our streams and waits for it; `meanwhile` is called once it has been started. A signal that asks this
    /// process to stop does not: `relay` is given it instead, and makes the child end, now or later. Where it cannot, the child
    /// is ended, and the exit is the signal's.
    pub fn attend(
        &self,
        invocation: &Invocation,
        relay: impl Fn(StopSignal) -> bool + Send + 'static,
        meanwhile: impl FnOnce(),
    ) -> Result<Exit, ProcessError> {
        let invocation = &*self.spoken(invocation)?;
        self.announce(invocation);
        if self.is_dry_run() {
            meanwhile();
            return Ok(Exit::SUCCESS);
        }
        // Ctrl-C and the like reach a whole group. In one of its own, the child hears of a signal through us alone; but it
        // could not read from a terminal then.
        let is_alone = !stdin().is_terminal();
        let group = if is_alone { Group::Own } else { Group::Ours };
        let is_held = held_back::hold_back();
        let child = spawn(invocation, group, Purpose::Work, held_back::release_in)?;
        let relayed = Arc::new(Mutex::new(None));
        if is_held {
            let (relayed, process) = (Arc::clone(&relayed), child.id());
            thread::spawn(move || {
                while let Some(signal) = held_back::wait() {
                    let note = |is_refused| {
                        let note = RelayedSignal { signal, is_refused };
                        *relayed.lock().unwrap_or_else(PoisonError::into_inner) = Some(note);
                    };
                    // The child may have ended before the relay has.
                    note(false);
                    if !relay(signal) {
                        note(true);
                        signal.send_to(process);
                    }
                }
            });
        }
        meanwhile();
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        let relayed = *relayed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match relayed {
            // A client of Docker that was interrupted itself ends with 0, whatever becomes of the command.
            Some(it) if it.is_refused || (!is_alone && status.success()) => it.signal.exit(),
            _ => status.into(),
        })
    }
}
