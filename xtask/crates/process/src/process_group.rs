//! The end of a child that takes too long, with all that it has started.

#![expect(unsafe_code, reason = "std can kill a child, and not its group")]

use libc::{SIGKILL, pid_t};

/// Kills the process group that a child leads. `docker` has its plugins as children, which would outlive it.
pub fn kill_process_group(leader: u32) {
    // 0 and 1 would be our own group and everybody.
    if let Ok(leader @ 2..) = pid_t::try_from(leader) {
        // SAFETY: it takes two numbers and touches no memory of ours. A group that has ended meanwhile is no error.
        unsafe {
            libc::kill(-leader, SIGKILL);
        }
    }
}
