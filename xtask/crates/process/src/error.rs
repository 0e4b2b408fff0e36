//! Why a child has not done its work.

use std::fmt;
use std::io;
use std::time::Duration;

use super::{Exit, Invocation, StopSignal};

/// A child that could not be started, or that failed.
#[derive(Debug)]
pub enum ProcessError {
    NotStarted {
        invocation: Box<Invocation>,
        source: io::Error,
    },
    /// It ended without success, and may have said why on its own stderr.
    Failed {
        invocation: Box<Invocation>,
        exit: Exit,
    },
    /// It gave no answer within the limit, and was killed.
    TimedOut {
        invocation: Box<Invocation>,
        limit: Duration,
    },
    /// It would open a connection, and none may be opened.
    Offline {
        invocation: Box<Invocation>,
        /// What the connection is for.
        reason: &'static str,
    },
    /// It cannot be asked of the program that stands in for it, for this reason.
    Untranslatable {
        invocation: Box<Invocation>,
        why: String,
    },
    /// This program was asked to stop, by Ctrl-C or another signal, before it started or while it ran.
    Interrupted(StopSignal),
}

impl ProcessError {
    /// A child that the system refused to start.
    pub(super) fn not_started(invocation: &Invocation, source: io::Error) -> Self {
        // execvp(3) reports a directory of PATH that it may not look into rather than that it has found nothing.
        let is_hidden = source.kind() == io::ErrorKind::PermissionDenied && !invocation.program_is_in_path();
        let source = if is_hidden { io::ErrorKind::NotFound.into() } else { source };
        Self::NotStarted { invocation: Box::new(invocation.clone()), source }
    }

    /// A child that ended without success.
    pub fn failed(invocation: &Invocation, exit: Exit) -> Self {
        Self::Failed { invocation: Box::new(invocation.clone()), exit }
    }

    /// Whether an error has [`ProcessError::Interrupted`] in its chain.
    pub fn is_interruption(error: &anyhow::Error) -> bool {
        error.chain().any(|it| matches!(it.downcast_ref(), Some(Self::Interrupted(_))))
    }

    /// The exit code by which a shell says why it did not start a command: 127 not found, 126 not executable.
    ///
    /// POSIX.1-2024, Shell Command Language, 2.8.2 "Exit Status for Commands".
    pub fn shell_exit(&self) -> Exit {
        match self {
            Self::NotStarted { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Code(127),
            Self::NotStarted { .. } | Self::Offline { .. } | Self::Untranslatable { .. } => Exit::Code(126),
            Self::Failed { exit, .. } => *exit,
            // As coreutils' `timeout` has it.
            Self::TimedOut { .. } => Exit::Code(124),
            Self::Interrupted(signal) => signal.exit(),
        }
    }
}

impl fmt::Display for ProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted(signal) => write!(f, "{signal}"),
            Self::Offline { invocation, reason } => {
                write!(
                    f,
                    "`{}` was not started, because {reason}, and --offline allows no connection",
                    invocation.program()
                )
            }
            Self::Untranslatable { why, .. } => f.write_str(why),
            Self::TimedOut { invocation, limit } => {
                write!(f, "`{}` gave no answer within {} s", invocation.program(), limit.as_secs_f64())
            }
            Self::NotStarted { invocation, source } => match source.kind() {
                io::ErrorKind::NotFound => write!(f, "command not found: `{}`", invocation.program()),
                _ => write!(f, "cannot start `{}`: {source}", invocation.program()),
            },
            Self::Failed { invocation, exit: Exit::Code(code) } => {
                write!(f, "`{}` failed with exit code {code}", invocation.program())
            }
            Self::Failed { invocation, exit: Exit::Signal(signal) } => {
                write!(f, "`{}` was killed by signal {signal}", invocation.program())
            }
        }
    }
}

impl std::error::Error for ProcessError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_nowhere_is_not_found_whatever_the_path_hides() {
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let code = |invocation: Invocation| ProcessError::not_started(&invocation, refused()).shell_exit().code();
        assert_eq!(code(Invocation::new("no-such-command").env("PATH", "/proc/1/root:/usr/bin:/bin")), 127);
        assert_eq!(code(Invocation::new("sh").env("PATH", "/usr/bin:/bin")), 126);
        assert_eq!(code(Invocation::new("./file")), 126);
    }
}
