//! The signals that ask a process to end, as something to wait for.

#![expect(unsafe_code, reason = "std has no signals, and a crate for them costs more CPU-seconds than this has lines")]

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr;

use libc::{SIG_BLOCK, SIGHUP, SIGINT, SIGTERM, pid_t, sigset_t};

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndingSignal {
    /// Ctrl-C.
    Interrupt,
    Terminate,
    /// The terminal is gone.
    HangUp,
}

impl EndingSignal {
    pub const ALL: [Self; 3] = [Self::Interrupt, Self::Terminate, Self::HangUp];

    /// The name that `kill -s` takes, which is the same on every system.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::HangUp => "HUP",
        }
    }

    /// The number that the exit code after it is made of.
    pub fn number(self) -> u8 {
        u8::try_from(self.raw()).unwrap_or(u8::MAX)
    }

    fn raw(self) -> c_int {
        match self {
            Self::Interrupt => SIGINT,
            Self::Terminate => SIGTERM,
            Self::HangUp => SIGHUP,
        }
    }

    /// Sends it to a child of this process.
    pub(super) fn send(self, child: u32) {
        if let Ok(child @ 2..) = pid_t::try_from(child) {
            // SAFETY: it takes two numbers and touches no memory of ours. A child that has ended meanwhile is no error.
            unsafe {
                libc::kill(child, self.raw());
            }
        }
    }
}

/// From now on, these signals wait until [`wait`] takes them: for this thread, and for those that it starts. Children that
/// it starts inherit this. Whether the system agrees.
pub(super) fn hold_back() -> bool {
    let set = ending_signals();
    // SAFETY: the set is a whole one, and the old mask is not asked for.
    unsafe { libc::pthread_sigmask(SIG_BLOCK, &raw const set, ptr::null_mut()) == 0 }
}

/// The next of these signals that this process was sent.
pub(super) fn wait() -> Option<EndingSignal> {
    let set = ending_signals();
    let mut number = 0;
    // SAFETY: the set is a whole one, and the number is ours to write to. The signals are held back: POSIX.1-2024, `sigwait`.
    let is_received = unsafe { libc::sigwait(&raw const set, &raw mut number) } == 0;
    EndingSignal::ALL.into_iter().find(|it| is_received && it.raw() == number)
}

fn ending_signals() -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` makes a whole set of it, to which the others add signals that exist.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in EndingSignal::ALL {
            libc::sigaddset(set.as_mut_ptr(), signal.raw());
        }
        set.assume_init()
    }
}
