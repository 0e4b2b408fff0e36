//! The text of a YAML scalar with the places of its parts.

use std::ops::Range;

use report::{Source, yaml::Node};

use super::super::LocatedText;

/// The text of a YAML scalar with the places of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'n> {
    /// The text.
    pub text: &'n str,
    range: Range<usize>,
    /// Where the file has the text as it is. Escapes and folded lines leave no such place.
    verbatim: Option<usize>,
}

impl<'n> Scalar<'n> {
    /// The scalar that a node is, if it is one.
    pub fn of(node: &'n Node, source: &Source) -> Option<Self> {
        let (node, text) = (node.resolved(), node.text()?);
        let written = source.text.get(node.range.clone()).unwrap_or_default();
        let start = node.range.start + usize::from(written.starts_with(['\'', '"']));
        let is_verbatim = source.text.get(start..start + text.len()) == Some(text) && !text.contains('\n');
        Some(Self { text, range: node.range.clone(), verbatim: is_verbatim.then_some(start) })
    }

    /// Where a part of the text stands in the file: all of the scalar where that cannot be told.
    pub fn place(&self, part: Range<usize>) -> Range<usize> {
        self.verbatim.map_or(self.range.clone(), |start| start + part.start..start + part.end)
    }

    /// A part of the text as a word of the file.
    pub fn word(&self, part: Range<usize>) -> LocatedText {
        LocatedText { text: self.text.get(part.clone()).unwrap_or_default().to_owned(), range: self.place(part) }
    }

    /// All of the text as a word of the file.
    pub fn whole(&self) -> LocatedText {
        self.word(0..self.text.len())
    }
}
