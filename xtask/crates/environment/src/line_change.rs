//! What `add` and `remove` tell of the lines that they change.

use std::fmt;

/// What has become of a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChange {
    /// From 1; of what was removed, in the file before.
    pub line: usize,
    pub action: LineAction,
}

/// The kinds of changes; entries are as the list has them, without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineAction {
    Added(String),
    Changed {
        from: String,
        to: String,
    },
    Removed(String),
    /// It says already what was asked for.
    Kept(String),
}

impl LineAction {
    /// The entry as it is now, or was.
    pub(crate) fn text(&self) -> &str {
        let (Self::Added(text) | Self::Changed { to: text, .. } | Self::Removed(text) | Self::Kept(text)) = self;
        text
    }
}

/// The number of the line, and what has become of it.
impl fmt::Display for LineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match &self.action {
            LineAction::Added(entry) => write!(f, "{line} + {entry}"),
            LineAction::Changed { from, to } => write!(f, "{line} {from} -> {to}"),
            LineAction::Removed(entry) => write!(f, "{line} - {entry}"),
            LineAction::Kept(entry) => write!(f, "{line} {entry} is there already"),
        }
    }
}
