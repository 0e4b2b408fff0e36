//! One thing wrong or doubtful in an input file.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Code, Position, Severity, Span};

/// One thing wrong or doubtful in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    /// The file, relative to the repository.
    pub file: Utf8PathBuf,
    /// Where in the file; `None` where it is about the file as a whole.
    pub span: Option<Span>,
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it: one lower-case sentence without a full stop.
    pub help: Option<String>,
    /// The line of the file that the span is in.
    pub line: Option<String>,
}

impl Finding {
    /// A finding without a place in the file.
    pub fn about(code: Code, file: &Utf8Path, message: impl Into<String>) -> Self {
        Self { code, file: file.to_owned(), span: None, message: message.into(), help: None, line: None }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// The short form: `file:line:column: error[E0301]: message`, and the help in a line of its own.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(Span { start: Position { line, column }, .. }) = self.span {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}[{}]: {}", self.severity().name(), self.code, self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n    help: {help}"),
            None => Ok(()),
        }
    }
}
