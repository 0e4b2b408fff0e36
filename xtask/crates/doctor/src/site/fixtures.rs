//! Answers of clients, for tests.

use process::{Exit, QueryOutput};

use super::ProgramAnswer;

pub(super) fn answered(code: u8, stdout: &str, stderr: &str) -> ProgramAnswer {
    ProgramAnswer::Ended(QueryOutput { exit: Exit::Code(code), stdout: stdout.to_owned(), stderr: stderr.to_owned() })
}
