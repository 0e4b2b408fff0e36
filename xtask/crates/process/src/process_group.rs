//! The process groups of children: which one a child is in, and the end of all that are in it.

#![expect(unsafe_code, reason = "std can kill a child, and not its group")]

use std::fs::File;
use std::sync::LazyLock;

use libc::{SIGKILL, pid_t};

/// The process group of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Ours: the terminal reaches the child, and the child the terminal.
    Ours,
    /// One of its own: what it has started gets our signals too, as the plugins of `docker` would not otherwise.
    Own,
}

impl Group {
    /// For a child that may use the terminal, such as to ask for a password.
    pub fn at_terminal() -> Self {
        static HAS_TERMINAL: LazyLock<bool> = LazyLock::new(|| File::open("/dev/tty").is_ok());
        if *HAS_TERMINAL { Self::Ours } else { Self::Own }
    }
}

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
