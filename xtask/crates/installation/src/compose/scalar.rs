//! Text of YAML with the places of its parts.

use std::ops::Range;

use report::{Source, yaml::Node};

use super::super::LocatedText;

/// The text of a YAML scalar with the places of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'n> {
    pub text: &'n str,
    range: Range<usize>,
    /// Where the file has the text as it is; nowhere with escapes or folded lines.
    verbatim: Option<usize>,
}

impl<'n> Scalar<'n> {
    /// `None` for a list or a mapping.
    pub fn of(node: &'n Node, source: &Source) -> Option<Self> {
        let (node, text) = (node.resolved(), node.text()?);
        let written = source.text.get(node.range.clone()).unwrap_or_default();
        let start = node.range.start + usize::from(written.starts_with(['\'', '"']));
        let is_verbatim = source.text.get(start..start + text.len()) == Some(text) && !text.contains('\n');
        Some(Self { text, range: node.range.clone(), verbatim: is_verbatim.then_some(start) })
    }

    /// The bytes of the file that a part of the text is from: all of the scalar where that is not known.
    pub fn file_range(&self, part: Range<usize>) -> Range<usize> {
        self.verbatim.map_or(self.range.clone(), |start| start + part.start..start + part.end)
    }

    /// A part of the text as a word of the file.
    pub fn word(&self, part: Range<usize>) -> LocatedText {
        LocatedText { text: self.text.get(part.clone()).unwrap_or_default().to_owned(), range: self.file_range(part) }
    }

    /// All of the text as a word of the file.
    pub fn whole(&self) -> LocatedText {
        self.word(0..self.text.len())
    }
}
