//! Something wrong in a piece of text that does not know which file it is from.

use std::ops::Range;

use super::Code;

/// Something wrong in a piece of text: a finding in the making, for parsers of a single line or value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    /// Which bytes of the text are wrong. Empty where something is missing.
    pub range: Range<usize>,
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    pub help: Option<String>,
}

impl Problem {
    pub fn new(code: Code, range: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), help: None }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
