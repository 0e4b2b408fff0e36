//! Changes to a text, made all at once: places are those of the text before.

use std::ops::Range;

use process::sort_by;

#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<Edit>);

#[derive(Debug)]
enum Edit {
    Replace(Range<usize>, String),
    RemoveLines(Range<usize>),
    InsertLines(usize, Vec<String>),
}

impl Edit {
    fn start(&self) -> usize {
        match self {
            Self::Replace(range, _) | Self::RemoveLines(range) => range.start,
            Self::InsertLines(at, _) => *at,
        }
    }
}

impl Edits {
    pub fn replace(&mut self, range: Range<usize>, text: String) {
        self.0.push(Edit::Replace(range, text));
    }

    /// Removes every line that has one of the bytes of `range`.
    pub fn remove_lines(&mut self, text: &str, range: Range<usize>) {
        self.0.push(Edit::RemoveLines(line_start(text, range.start)..next_line(text, range.end)));
    }

    /// `blocks` are ranges of whole lines.
    pub fn remove_blocks(&mut self, blocks: Vec<Range<usize>>) {
        self.0.extend(blocks.into_iter().map(Edit::RemoveLines));
    }

    /// Puts lines, without their ends, where a line begins or the text ends.
    pub fn insert_lines(&mut self, at: usize, lines: Vec<String>) {
        if !lines.is_empty() {
            self.0.push(Edit::InsertLines(at, lines));
        }
    }

    /// The text with all changes. Lines end as the first one does, and the last one as it did.
    pub fn apply(mut self, text: &str) -> String {
        let line_end = line_end(text);
        sort_by(&mut self.0, |one, other| one.start().cmp(&other.start()));
        let (mut edited, mut done) = (String::with_capacity(text.len() * 2), 0);
        for edit in self.0 {
            let (range, replacement) = match edit {
                Edit::Replace(range, replacement) => (range, replacement),
                Edit::RemoveLines(range) => (range, String::new()),
                Edit::InsertLines(at, lines) => (at..at, lines.iter().map(|it| format!("{it}{line_end}")).collect()),
            };
            edited += text.get(done..range.start).unwrap_or_default();
            if range.is_empty() && !edited.is_empty() && !edited.ends_with('\n') {
                edited += line_end;
            }
            edited += &replacement;
            done = range.end.max(done);
        }
        edited += &text[done..];
        if !text.is_empty() && !text.ends_with('\n') && edited.ends_with('\n') {
            // A `\r` that is not part of how lines end here is the user's.
            let end = if edited.ends_with(line_end) { line_end } else { "\n" };
            edited.truncate(edited.len() - end.len());
        }
        edited
    }
}

/// The offset of the first byte of the line.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line behind that of a place begins, or the text ends.
pub(crate) fn next_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

fn line_end(text: &str) -> &'static str {
    let first = text.find('\n').unwrap_or_default();
    if text[..first].ends_with('\r') { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inserted_and_removed_again_leaves_no_trace() {
        for text in ["a\nb\n", "a\nb", "a\r\nb\r\n", "a\r\nb", "a\n\nb\n\n"] {
            let mut edits = Edits::default();
            edits.insert_lines(text.len(), vec!["x".to_owned(), "y".to_owned()]);
            edits.insert_lines(next_line(text, 0), vec!["z".to_owned()]);
            let inserted = edits.apply(text);
            assert_eq!(inserted.lines().filter(|it| ["x", "y", "z"].contains(it)).count(), 3, "{inserted:?}");
            assert_eq!(inserted.contains("\r\n"), text.contains("\r\n"));
            assert_eq!(inserted.ends_with('\n'), text.ends_with('\n'));

            let mut edits = Edits::default();
            for line in ["x", "y", "z"] {
                let at = inserted.find(line).unwrap();
                edits.remove_lines(&inserted, at..at + 1);
            }
            assert_eq!(edits.apply(&inserted), text);
        }
    }
}
