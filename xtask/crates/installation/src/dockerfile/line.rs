//! One logical line of a Dockerfile, which remembers where its pieces stand.

use std::ops::Range;

use super::super::LocatedText;

/// One instruction as it is read: the lines that continue it joined, comments between them left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// All of it, without the continuation characters.
    pub text: String,
    pieces: Vec<LinePart>,
}

/// What one line of the file gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LinePart {
    in_line: usize,
    in_file: usize,
}

impl Line {
    /// Continues it with what stands in the file at a byte offset.
    pub fn push(&mut self, text: &str, offset: usize) {
        self.pieces.push(LinePart { in_line: self.text.len(), in_file: offset });
        self.text.push_str(text);
    }

    /// Whether nothing has been pushed yet, not even something empty.
    pub fn is_new(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text of some of its bytes; empty where they are no text.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Some of its bytes as a word of the file.
    pub fn word(&self, range: Range<usize>) -> LocatedText {
        LocatedText { text: self.slice(range.clone()).to_owned(), range: self.place(range) }
    }

    /// The bytes of the file that some of its bytes come from.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.offset(range.start);
        // By its last byte, because the one behind it may be in another line of the file.
        let end = if range.is_empty() { start } else { self.offset(range.end - 1) + 1 };
        start..end
    }

    fn offset(&self, byte: usize) -> usize {
        let behind = self.pieces.partition_point(|it| it.in_line <= byte);
        let piece = behind.checked_sub(1).and_then(|it| self.pieces.get(it));
        piece.map_or(byte, |it| it.in_file + (byte - it.in_line))
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
        assert_eq!((line.slice(4..7), line.place(4..7)), ("éb", 4..11));
        assert_eq!((line.slice(4..6), line.place(4..6)), ("é", 4..6));
        assert_eq!(line.word(8..9), LocatedText { text: "c".into(), range: 12..13 });
        assert_eq!(line.place(9..9), 13..13);
        assert_eq!(Line::default().place(0..0), 0..0);
    }
}
