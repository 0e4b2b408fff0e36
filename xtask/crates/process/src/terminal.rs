//! A terminal for a child whose drawing is looked at on its way to ours.

#![expect(
    unsafe_code,
    reason = "the calls of the C library that std lacks; the crate that wraps them costs 4 CPU-seconds"
)]

use std::ffi::{CStr, OsStr, c_char, c_int, c_ulong};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;

/// Not to become the terminal that Ctrl-C comes from. Linux's asm-generic/fcntl.h, and Darwin's sys/fcntl.h.
const O_NOCTTY: c_int = if cfg!(target_os = "linux") { 0x100 } else { 0x2_0000 };
/// Linux's asm-generic/ioctls.h, and Darwin's sys/ttycom.h.
const TIOCGWINSZ: c_ulong = if cfg!(target_os = "linux") { 0x5413 } else { 0x4008_7468 };
const TIOCSWINSZ: c_ulong = if cfg!(target_os = "linux") { 0x5414 } else { 0x8008_7467 };

/// POSIX.1-2024, `struct winsize`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct WindowSize {
    rows: u16,
    columns: u16,
    width: u16,
    height: u16,
}

unsafe extern "C" {
    fn grantpt(descriptor: c_int) -> c_int;
    fn unlockpt(descriptor: c_int) -> c_int;
    fn ptsname(descriptor: c_int) -> *const c_char;
    fn ioctl(descriptor: c_int, request: c_ulong, ...) -> c_int;
}

/// The end of a pseudo-terminal that shows what a child draws.
#[derive(Debug)]
pub struct PseudoTerminal {
    file: File,
    size: WindowSize,
}

impl PseudoTerminal {
    /// A terminal as large as that of our stderr: what it shows, and the end that a child draws on.
    #[expect(clippy::disallowed_methods, reason = "a terminal is not a file of anybody's")]
    pub fn new() -> io::Result<(Self, File)> {
        let open = |path: &OsStr| OpenOptions::new().read(true).write(true).custom_flags(O_NOCTTY).open(path);
        let file = open(OsStr::new("/dev/ptmx"))?;
        // SAFETY: they take the number of an open descriptor and touch no memory of ours.
        let is_ready = unsafe { grantpt(file.as_raw_fd()) == 0 && unlockpt(file.as_raw_fd()) == 0 };
        if !is_ready {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the name is valid until the next call, and no other thread calls it: it is copied at once.
        let name = unsafe {
            let name = ptsname(file.as_raw_fd());
            if name.is_null() {
                return Err(io::Error::last_os_error());
            }
            CStr::from_ptr(name).to_owned()
        };
        let child = open(OsStr::from_bytes(name.to_bytes()))?;
        let mut screen = Self { file, size: WindowSize::default() };
        screen.fit();
        Ok((screen, child))
    }

    /// Makes it as large as that of our stderr, which a person may have changed.
    fn fit(&mut self) {
        let mut size = WindowSize::default();
        // SAFETY: the call fills in one structure of this layout, or none.
        let is_known = unsafe { ioctl(io::stderr().as_raw_fd(), TIOCGWINSZ, &raw mut size) == 0 };
        if is_known && size != self.size {
            // SAFETY: the call reads one structure of this layout.
            unsafe {
                ioctl(self.file.as_raw_fd(), TIOCSWINSZ, &raw const size);
            }
            self.size = size;
        }
    }
}

impl io::Read for PseudoTerminal {
    /// What was drawn. At the end Linux has an error where others have nothing to read.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fit();
        self.file.read(buffer).or(Ok(0))
    }
}
