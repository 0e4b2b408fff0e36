//! Pieces of input files.

use std::ops::Range;

use report::{Source, Span};

/// A piece of an input file and its place in it.
///
/// Its bytes and not its [`Span`], because to count the characters in front of every word of a long line would take the
/// square of its length; only what ends up in a finding needs a line and a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedText {
    /// Without quotes.
    pub text: String,
    /// In bytes of the file, with quotes.
    pub range: Range<usize>,
}

impl LocatedText {
    pub fn span(&self, source: &Source) -> Span {
        source.span(self.range.clone())
    }
}
