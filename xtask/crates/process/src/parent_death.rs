//! Children that end with us even if we are killed.

#![expect(unsafe_code, reason = "std does not know prctl(2)")]

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use libc::{PR_SET_PDEATHSIG, SIGTERM, c_ulong};

/// Has the system send SIGTERM to a child when the thread ends that starts it, which is the one that waits for it. With the
/// default signal a child could not clean up.
///
/// It makes std fork(2) where it would call posix_spawn(3), which costs less than a millisecond. Other systems than Linux have
/// nothing like it: there, a child that lives on keeps the repository's lock.
pub fn end_with_us(command: &mut Command) {
    let parent = std::process::id();
    let ask = move || {
        let signal = SIGTERM as c_ulong;
        // SAFETY: both calls take and give numbers.
        let (failed, now) = unsafe { (libc::prctl(PR_SET_PDEATHSIG, signal) < 0, libc::getppid()) };
        if failed {
            return Err(io::Error::last_os_error());
        }
        // Killed before the child has asked, we are not its parent any more.
        if u32::try_from(now).is_ok_and(|it| it == parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    };
    // SAFETY: between fork and exec, the closure makes two system calls and allocates nothing.
    unsafe {
        command.pre_exec(ask);
    }
}
