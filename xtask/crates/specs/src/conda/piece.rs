//! A part of a text that knows where it stands, so that a mistake in it can be shown.

use std::ops::Range;

use report::{Code, Problem};

/// A part of a text and the byte at which it begins there.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpecPart<'a> {
    pub text: &'a str,
    /// The offset of its first byte in the whole text.
    pub start: usize,
}

impl<'a> SpecPart<'a> {
    pub fn whole(text: &'a str) -> Self {
        Self { text, start: 0 }
    }

    /// Without the blanks at both ends.
    pub fn trim(self) -> Self {
        let from = self.text.trim_start();
        Self { text: from.trim_end(), start: self.start + self.text.len() - from.len() }
    }

    /// Both sides of a byte that begins a character.
    pub fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.text.split_at(index);
        (Self { text: left, start: self.start }, Self { text: right, start: self.start + index })
    }

    /// Both sides of the last `separator`, without it.
    pub fn rsplit_once(self, separator: char) -> Option<(Self, Self)> {
        let index = self.text.rfind(separator)?;
        let (left, right) = self.split_at(index);
        Some((left, right.split_at(separator.len_utf8()).1))
    }

    /// Which bytes of the whole text it is.
    pub fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// A finding of `E0306` at this part.
    pub fn wrong(self, message: impl Into<String>) -> Problem {
        Problem::new(Code::MatchSpec, self.range(), message)
    }
}
