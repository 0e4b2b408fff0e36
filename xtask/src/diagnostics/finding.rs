//! One thing wrong in an input file, and a list of them.

use std::fmt;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::Position;

/// One thing wrong in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the repository.
    pub file: Utf8PathBuf,
    /// Where in the file; `None` where it is about the file as a whole.
    pub position: Option<Position>,
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// Something wrong at a place in a file.
    pub fn at(file: &Utf8Path, position: Position, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), position: Some(position), message: message.into(), help: None }
    }

    /// Something wrong with a file as a whole.
    pub fn about(file: &Utf8Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), position: None, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": error: {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n    help: {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong in the inputs, shown at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Adds all of others.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Keeps the value of a result, or the findings in its error; any other error goes on.
    pub fn collect<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result.map_err(anyhow::Error::downcast::<Self>) {
            Ok(value) => Ok(Some(value)),
            Err(Ok(findings)) => {
                self.extend(findings);
                Ok(None)
            }
            Err(Err(other)) => Err(other),
        }
    }

    /// `value` when nothing was found, else the findings as the error, in the order of the files.
    pub fn or<T>(mut self, value: T) -> Result<T> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        Err(self.into())
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Finding::to_string).collect();
        write!(f, "{}", lines.join("\n"))
    }
}

impl std::error::Error for Findings {}
