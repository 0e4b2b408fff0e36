//! How a child process ended.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// How a child ended: by itself, or killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Code(u8),
    /// The signal of this number killed it.
    Signal(u8),
}

impl Exit {
    pub const SUCCESS: Self = Self::Code(0);

    pub fn success(self) -> bool {
        self == Self::SUCCESS
    }

    /// The code that a shell reports: 128 and the signal's number for a killed child.
    ///
    /// POSIX.1-2024, Shell Command Language, 2.8.2 "Exit Status for Commands".
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => signal.saturating_add(128),
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        let byte = |number: i32| u8::try_from(number).unwrap_or(u8::MAX);
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(byte(code)),
            (None, signal) => Self::Signal(byte(signal.unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_child_gives_128_and_the_signal() {
        assert_eq!(Exit::from(ExitStatus::from_raw(15)).code(), 143);
        assert_eq!(Exit::from(ExitStatus::from_raw(42 << 8)).code(), 42);
    }
}
