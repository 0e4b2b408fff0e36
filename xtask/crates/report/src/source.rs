//! One input file as it was read: its name, its text, and where its lines begin.

use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Code, Finding, Findings, Position, Problem, Span};

/// The text of an input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, relative to the repository.
    pub file: Utf8PathBuf,
    pub text: String,
    /// The byte offset of each line's first character.
    lines: Vec<usize>,
    /// The files that it has others read in its place, as `-r` does.
    included: Vec<Arc<Source>>,
}

/// The lines that git writes around the two sides of an unresolved merge.
const CONFLICT_MARKERS: [&str; 4] = ["<<<<<<< ", "=======", ">>>>>>> ", "||||||| "];

impl Source {
    pub fn new(file: impl AsRef<Utf8Path>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Self { file: file.as_ref().to_owned(), text, lines, included: Vec::new() }
    }

    /// The same with the files that it includes, which the spans in them count from 0.
    #[must_use]
    pub fn including(self, included: Vec<Arc<Self>>) -> Self {
        Self { included, ..self }
    }

    /// The file that a span is in.
    pub fn of(&self, span: Span) -> &Self {
        span.included().and_then(|it| self.included.get(it)).map_or(self, |it| &**it)
    }

    /// A line as it is named in a finding about another place: with its file, where that is another one.
    pub fn line_from(&self, line: Span, place: Span) -> String {
        let (number, of) = (line.start.line, self.of(line));
        if of.file == self.of(place).file {
            format!("line {number}")
        } else {
            format!("line {number} of `{}`", of.file)
        }
    }

    /// A file of these bytes, with what no text file may hold among the findings. Where it is not text, or two versions of
    /// one, it is not worth reading any further, and the result is `None`.
    pub fn decode(file: &Utf8Path, bytes: Vec<u8>, findings: &mut Findings) -> Option<Self> {
        match String::from_utf8(bytes) {
            Ok(text) => {
                let source = Self::new(file, text);
                let found = findings.len();
                source.find_conflict(findings);
                source.find_control_characters(findings);
                (findings.len() == found).then_some(source)
            }
            Err(error) => {
                let (offset, bytes) = (error.utf8_error().valid_up_to(), error.into_bytes());
                let source = Self::new(file, String::from_utf8_lossy(&bytes));
                let message = format!("the byte 0x{:02x} is not UTF-8", bytes[offset]);
                let finding = source.at(Code::NotUtf8, source.span(offset..offset + 1), message);
                findings.push(finding.help("save the file as UTF-8"));
                None
            }
        }
    }

    fn find_conflict(&self, findings: &mut Findings) {
        let mut is_open = false;
        for (index, line) in self.text.lines().enumerate() {
            let Some(marker) = CONFLICT_MARKERS.iter().find(|it| line.starts_with(**it)) else { continue };
            is_open |= marker.starts_with('<');
            // A row of `=` alone may underline a heading in a comment-less file; between the other two it does not.
            if is_open {
                let span = Span::new(index + 1, 1, line.chars().count());
                findings.push(
                    self.at(Code::ConflictMarker, span, "a marker of an unresolved merge")
                        .help("keep the lines that are meant and remove the markers, then `git add` the file"),
                );
            }
        }
    }

    fn find_control_characters(&self, findings: &mut Findings) {
        let is_odd = |it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
        if let Some(offset) = self.text.find(is_odd) {
            let character = self.text[offset..].chars().next().unwrap_or_default();
            let span = self.span(offset..offset + character.len_utf8());
            let message = format!("the control character U+{:04X}", u32::from(character));
            findings.push(self.at(Code::ControlCharacter, span, message).help("remove it"));
        }
    }

    /// The place of a byte offset. An offset past the end, or within a character, means the next place there is.
    pub fn position(&self, offset: usize) -> Position {
        let offset = (offset..self.text.len()).find(|it| self.text.is_char_boundary(*it)).unwrap_or(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The span of a range of bytes, cut at the end of its first line.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.position(range.start);
        let line_end = self.lines.get(start.line).map_or(self.text.len(), |next| next - 1);
        let end = self.position(range.end.min(line_end));
        let width = if end.line == start.line { end.column.saturating_sub(start.column) } else { 0 };
        Span::new(start.line, start.column, width)
    }

    /// A line by its number, without its end.
    pub fn line(&self, number: usize) -> &str {
        let Some(&start) = number.checked_sub(1).and_then(|it| self.lines.get(it)) else { return "" };
        let end = self.lines.get(number).map_or(self.text.len(), |next| next - 1);
        self.text[start..end].trim_end_matches('\r')
    }

    /// Something wrong at a place in the file.
    pub fn at(&self, code: Code, span: Span, message: impl Into<String>) -> Finding {
        let source = self.of(span);
        Finding {
            code,
            file: source.file.clone(),
            span: Some(span.alone()),
            message: message.into(),
            help: None,
            line: Some(source.line(span.start.line).to_owned()),
        }
    }

    /// Something wrong with the file as a whole.
    pub fn about(&self, code: Code, message: impl Into<String>) -> Finding {
        Finding::about(code, &self.file, message)
    }

    /// A problem of a part of the text that begins at byte `offset`.
    pub fn problem(&self, offset: usize, problem: Problem) -> Finding {
        let span = self.span(offset + problem.range.start..offset + problem.range.end);
        Finding { help: problem.help, ..self.at(problem.code, span, problem.message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_stay_in_their_line() {
        let source = Source::new("f", "é=1\nab\r\n");
        assert_eq!(source.span(3..4), Span::new(1, 3, 1));
        assert_eq!(source.span(1..2), Span::new(1, 2, 0), "the middle of a character is the next place");
        assert_eq!(source.span(5..99), Span::new(2, 1, 3));
        assert_eq!(source.position(99), Position { line: 3, column: 1 });
        assert_eq!((source.line(2), source.line(3), source.line(9)), ("ab", "", ""));
    }

    #[test]
    fn a_place_in_an_included_file_is_shown_there() {
        let more = Arc::new(Source::new("more.txt", "numpy\ntqdm\n"));
        let source = Source::new("f", "-r more.txt\n").including(vec![more]);
        let (there, here) = (Span::new(2, 1, 4).in_included(0), Span::new(1, 1, 11));
        assert_eq!(source.at(Code::PipListedTwice, there, "x").to_string(), "more.txt:2:1: warning[W0337]: x");
        assert_eq!(source.at(Code::PipListedTwice, there, "x").line.as_deref(), Some("tqdm"));
        assert_eq!(
            (source.line_from(there, here), source.line_from(there, there)),
            ("line 2 of `more.txt`".into(), "line 2".into())
        );
    }

    #[test]
    fn what_is_no_text_is_told_with_its_place() {
        let found = |bytes: &[u8]| {
            let mut findings = Findings::default();
            let source = Source::decode("f".into(), bytes.to_vec(), &mut findings);
            (source.is_some(), findings.to_string())
        };
        assert_eq!(
            found(b"a: caf\xe9\n"),
            (false, "f:1:7: error[E0102]: the byte 0xe9 is not UTF-8\n    help: save the file as UTF-8".into())
        );
        assert!(found(b"a\n=======\n").0, "an underlined heading is no conflict");
        let (is_text, conflict) = found(b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n");
        assert!(!is_text);
        assert_eq!(conflict.matches("error[E0103]").count(), 3, "{conflict}");
        assert!(found(b"a\0b").1.starts_with("f:1:2: error[E0104]: the control character U+0000"));
    }
}
