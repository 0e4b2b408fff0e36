//! A terminal for a child whose drawing is looked at on its way to ours.

#![expect(unsafe_code, reason = "std makes no terminals and does not know their size")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;

use libc::{TIOCGWINSZ, TIOCSWINSZ, winsize};

/// The end of a pseudo-terminal from which what a child draws is read.
#[derive(Debug)]
pub struct PseudoTerminal(File);

impl PseudoTerminal {
    /// A terminal as large as that of our stderr, and the end that a child draws on.
    pub fn new() -> io::Result<(Self, File)> {
        let (mut reading, mut drawing) = (-1, -1);
        // SAFETY: the call writes the two numbers. It leaves out what it is given null for: openpty(3). When it succeeds,
        // both are open descriptors that nobody else owns.
        let (reading, drawing) = unsafe {
            let no_name = ptr::null_mut();
            if libc::openpty(&raw mut reading, &raw mut drawing, no_name, ptr::null_mut(), ptr::null_mut()) < 0 {
                return Err(io::Error::last_os_error());
            }
            (OwnedFd::from_raw_fd(reading), OwnedFd::from_raw_fd(drawing))
        };
        // The clones are closed at the exec of a child, as the originals are not.
        let terminal = Self(reading.try_clone()?.into());
        terminal.fit_to_stderr();
        Ok((terminal, drawing.try_clone()?.into()))
    }

    /// A person may have made the window larger or smaller. The system ignores a size that is not new.
    fn fit_to_stderr(&self) {
        let mut size = winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: of these two requests, the first one fills in one structure of this type, and the second one reads one.
        unsafe {
            if libc::ioctl(io::stderr().as_raw_fd(), TIOCGWINSZ, &raw mut size) == 0 {
                libc::ioctl(self.0.as_raw_fd(), TIOCSWINSZ, &raw const size);
            }
        }
    }
}

impl io::Read for PseudoTerminal {
    /// At the end Linux has an error where others have nothing to read.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fit_to_stderr();
        self.0.read(buffer).or(Ok(0))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn what_is_drawn_is_read_to_its_end() {
        let (mut terminal, mut drawing) = PseudoTerminal::new().unwrap();
        drawing.write_all(b"a\nb").unwrap();
        let mut seen = [0; 4];
        terminal.read_exact(&mut seen).unwrap();
        drop(drawing);
        assert_eq!((&seen, terminal.read(&mut [0; 4]).unwrap()), (b"a\r\nb", 0));
    }
}
