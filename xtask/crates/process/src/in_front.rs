//! Children that stand where this process stands: what they get and how they end is as if they had replaced it.

#![expect(unsafe_code, reason = "std does not tell how much memory a child has had")]

use std::mem;

use libc::RUSAGE_CHILDREN;

use super::{
    Exit, Invocation, ProcessError, Runner,
    child::{Purpose, spawn},
    interrupt,
    process_group::Group,
};

/// How a child has ended that stood in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedInFront {
    pub exit: Exit,
    /// The most memory that one process had of all that this process has waited for, in bytes.
    pub peak_memory: Option<u64>,
}

impl Runner {
    /// Runs a child with our streams, for whoever has something to do after it; else [`exec`](Self::exec) is quicker. Signals are
    /// passed on to it, and how it ends is the answer whatever signal there was: what is done after it is short.
    pub fn run_in_front(&self, invocation: &Invocation) -> Result<EndedInFront, ProcessError> {
        self.announce(invocation);
        if self.is_dry_run() {
            return Ok(EndedInFront { exit: Exit::SUCCESS, peak_memory: None });
        }
        interrupt::pass_on_user_signals();
        let child = spawn(invocation, Group::at_terminal(), Purpose::Work, |command| command)?;
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        interrupt::forget();
        Ok(EndedInFront { exit: status.into(), peak_memory: peak_memory_of_children() })
    }
}

/// Linux counts in KiB, macOS in bytes: getrusage(2) of each.
fn peak_memory_of_children() -> Option<u64> {
    let unit = if cfg!(target_os = "linux") { 1024 } else { 1 };
    // SAFETY: the call fills in one structure of ours, which may be all zeros.
    let peak = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        (libc::getrusage(RUSAGE_CHILDREN, &raw mut usage) == 0).then_some(usage.ru_maxrss)
    };
    u64::try_from(peak?).ok().map(|it| it * unit)
}
