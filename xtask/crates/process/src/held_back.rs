//! Signals that ask this program to stop, as something to wait for.

#![expect(unsafe_code, reason = "std has no signals, and a crate for them costs more CPU-seconds than this has lines")]

use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::ptr;

use libc::{SIG_BLOCK, SIG_UNBLOCK, sigset_t};

use super::{StopSignal, interrupt};

/// From now on, these signals wait until [`wait`] takes them: for this thread, and for those that it starts. Those that are
/// ignored are left alone: they would come through all the same. Whether the system agrees.
pub fn hold_back() -> bool {
    let set = stop_signals();
    // SAFETY: the set is a whole one, and the old mask is not asked for.
    let is_held = unsafe { libc::pthread_sigmask(SIG_BLOCK, &raw const set, ptr::null_mut()) == 0 };
    if is_held {
        interrupt::leave_to_waiting_thread();
    }
    is_held
}

/// Lets a child have the signals that are held back here, which it would inherit.
pub fn release_in(command: &mut Command) -> &mut Command {
    let set = stop_signals();
    let release = move || {
        // SAFETY: the set is a whole one, and the old mask is not asked for.
        match unsafe { libc::pthread_sigmask(SIG_UNBLOCK, &raw const set, ptr::null_mut()) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    };
    // SAFETY: between fork and exec, the closure makes one system call and allocates nothing.
    unsafe { command.pre_exec(release) }
}

/// The next of these signals that this process was sent.
pub fn wait() -> Option<StopSignal> {
    let set = stop_signals();
    let mut number = 0;
    // SAFETY: the set is a whole one, and the number is ours to write to. The signals are held back: POSIX.1-2024, `sigwait`.
    let is_received = unsafe { libc::sigwait(&raw const set, &raw mut number) } == 0;
    StopSignal::ALL.into_iter().find(|it| is_received && it.number() == number)
}

fn stop_signals() -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` makes a whole set of it, to which the others add signals that exist.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in StopSignal::ALL.into_iter().filter(|it| !it.is_ignored()) {
            libc::sigaddset(set.as_mut_ptr(), signal.number());
        }
        set.assume_init()
    }
}
