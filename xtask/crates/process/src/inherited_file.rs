//! Open files that outlive an exec.

#![expect(unsafe_code, reason = "every descriptor that std opens or duplicates is closed at an exec")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;

/// Has the children that are started from now on keep a file open, and a lock on it held, as long as they or theirs live.
///
/// Source: POSIX.1-2024, `fcntl`: FD_CLOEXEC is the only flag of a descriptor.
pub fn share_with_children(file: &File) -> io::Result<()> {
    // SAFETY: it takes three numbers, of which the first one is an open descriptor as long as the file is borrowed.
    let changed = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0) };
    if changed < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Gives the program that replaces this one a second descriptor of a file, which keeps a lock on it held.
///
/// Source: POSIX.1-2024, `dup`: the duplicate has FD_CLOEXEC cleared.
pub fn keep_open_across_exec(file: &File) -> io::Result<()> {
    // SAFETY: it takes a number, which is an open descriptor as long as the file is borrowed, and touches no memory.
    let duplicate = unsafe { libc::dup(file.as_raw_fd()) };
    if duplicate < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
