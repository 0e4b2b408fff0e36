//! An open file that outlives the exec of a child.

#![expect(
    unsafe_code,
    reason = "the one call of the C library that std lacks; the crate that wraps it costs 2 CPU-seconds"
)]

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;

unsafe extern "C" {
    fn dup(descriptor: c_int) -> c_int;
}

/// Gives the program that replaces this one a second descriptor of a file, which keeps a lock on it held.
///
/// What Rust opens is closed at an exec; a duplicate is not (POSIX.1-2024, `dup`: FD_CLOEXEC is cleared).
pub fn keep(file: &File) -> io::Result<()> {
    // SAFETY: it takes a number, which is an open descriptor as long as the file is borrowed, and touches no memory.
    let duplicate = unsafe { dup(file.as_raw_fd()) };
    if duplicate < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
