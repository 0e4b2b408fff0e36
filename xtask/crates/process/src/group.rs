//! The end of a child that takes too long, with all that it has started.

#![expect(
    unsafe_code,
    reason = "the one call of the C library that std lacks; the crate that wraps it costs 2 CPU-seconds"
)]

use std::ffi::c_int;

/// The same number on every Unix. POSIX.1-2024, utility `kill`, obsolescent form.
const SIGKILL: c_int = 9;

unsafe extern "C" {
    fn kill(process: c_int, signal: c_int) -> c_int;
}

/// Kills a process group by its leader: `docker` has its plugins as children, which would outlive it.
pub fn kill_group(leader: u32) {
    // 0 and 1 would be our own group and everybody.
    if let Ok(leader @ 2..) = c_int::try_from(leader) {
        // SAFETY: it takes two numbers and touches no memory of ours. A group that has ended meanwhile is no error.
        unsafe {
            kill(-leader, SIGKILL);
        }
    }
}
