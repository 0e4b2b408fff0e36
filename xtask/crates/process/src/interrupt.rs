//! Ctrl-C while a child has the terminal.
//!
//! The terminal sends the signal to the child and to us. The child decides what it means; we wait, and stop afterwards.

#![expect(unsafe_code, reason = "std has no signals, and a crate for them costs more CPU-seconds than this has lines")]

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::{SIGINT, SIGQUIT, sighandler_t};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn record(_signal: c_int) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

/// From now on, Ctrl-C is only recorded. A handler, unlike an ignored signal, does not survive the exec of a child: the
/// child starts with the default action.
pub fn leave_to_child() {
    let handler = record as *const () as sighandler_t;
    // SAFETY: the numbers are signals, and the handler does nothing but store into an atomic, which is safe in a handler
    // (POSIX.1-2024, System Interfaces, 2.4.3).
    unsafe {
        libc::signal(SIGINT, handler);
        libc::signal(SIGQUIT, handler);
    }
}

/// Whether somebody has pressed Ctrl-C since.
pub fn happened() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
