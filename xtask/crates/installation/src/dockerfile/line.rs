//! One logical line of a Dockerfile, with the places of its pieces in the file.

use std::ops::Range;

use super::super::LocatedText;

/// One instruction: the lines that continue it are joined, comments between them left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Without the continuation characters.
    pub text: String,
    pieces: Vec<LinePart>,
}

/// What one line of the file contributes, by its first byte in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LinePart {
    in_instruction: usize,
    in_file: usize,
}

impl Line {
    /// Continues it with text that is in the file at a byte offset.
    pub fn push(&mut self, text: &str, offset: usize) {
        self.pieces.push(LinePart { in_instruction: self.text.len(), in_file: offset });
        self.text.push_str(text);
    }

    /// Whether nothing has been pushed yet, not even something empty.
    pub fn is_new(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Some of its bytes; empty where they cut a character or are out of range.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Some of its bytes, with their place in the file.
    pub fn word(&self, range: Range<usize>) -> LocatedText {
        LocatedText { text: self.slice(range.clone()).to_owned(), range: self.file_range(range) }
    }

    /// The bytes of the file that some of its bytes come from.
    pub fn file_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.offset(range.start);
        // By its last byte, because the next one may be in another line of the file.
        let end = if range.is_empty() { start } else { self.offset(range.end - 1) + 1 };
        start..end
    }

    fn offset(&self, byte: usize) -> usize {
        let index = self.pieces.partition_point(|it| it.in_instruction <= byte);
        let piece = index.checked_sub(1).and_then(|it| self.pieces.get(it));
        piece.map_or(byte, |it| it.in_file + (byte - it.in_instruction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_where_the_file_has_it() {
        let mut line = Line::default();
        assert!(line.is_new());
        line.push("RUN é", 0);
        line.push("b c", 10);
        assert_eq!((line.slice(4..7), line.file_range(4..7)), ("éb", 4..11));
        assert_eq!((line.slice(4..6), line.file_range(4..6)), ("é", 4..6));
        assert_eq!(line.word(8..9), LocatedText { text: "c".into(), range: 12..13 });
        assert_eq!(line.file_range(9..9), 13..13);
        assert_eq!(Line::default().file_range(0..0), 0..0);
    }
}
