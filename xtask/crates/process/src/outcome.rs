//! The exit code of this program, as a value on its way up to `main`.

use crate::Exit;

/// Exit code of the tool's own failures. A wrong command line gives 2, by clap.
pub const FAILURE: u8 = 1;

/// Exit code when `run` or `shell` fail before the user's command started.
///
/// Docker's convention: <https://docs.docker.com/engine/containers/run/#exit-status>.
pub const NOT_STARTED: u8 = 125;

/// How a verb ended that did not fail with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// What was checked is not right; the verb has already said what.
    Failed,
    /// The user's command ran, and ended like this.
    Ended(Exit),
}

impl Outcome {
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => FAILURE,
            Self::Ended(exit) => exit.code(),
        }
    }
}
