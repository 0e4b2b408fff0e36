//! Ctrl-C while a child has the terminal.
//!
//! The terminal sends the signal to the child and to us. The child decides what it means; we wait, and stop afterwards.

#![expect(
    unsafe_code,
    reason = "the one call of the C library that std lacks; the crate that wraps it costs 2 CPU-seconds"
)]

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

/// The same numbers on every Unix. POSIX.1-2024, utility `kill`, obsolescent form.
const SIGINT: c_int = 2;
const SIGQUIT: c_int = 3;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn note(_signal: c_int) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
}

/// From now on, Ctrl-C is only noted. A handler, unlike an ignored signal, does not survive the exec of a child: the child
/// starts with the default action.
pub fn leave_to_child() {
    // SAFETY: the numbers are signals, and the handler does nothing but store into an atomic, which is safe in a handler
    // (POSIX.1-2024, System Interfaces, 2.4.3).
    unsafe {
        signal(SIGINT, note);
        signal(SIGQUIT, note);
    }
}

/// Whether somebody has pressed Ctrl-C since.
pub fn happened() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
