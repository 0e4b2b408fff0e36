//! Places in a text.

/// A place in a text file. Lines and columns start at 1; columns count characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Some characters of one line. What goes over several lines is shown by its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub start: Position,
    /// How many characters it has; none where something is missing.
    pub width: usize,
    /// Which file it is in: none for the source itself, else one of the files that it includes, from 0.
    included: Option<usize>,
}

impl Span {
    pub fn new(line: usize, column: usize, width: usize) -> Self {
        Self { start: Position { line, column }, width, included: None }
    }

    /// The same place, in one of the files that a source includes; they are counted from 0.
    #[must_use]
    pub fn in_included(self, file: usize) -> Self {
        Self { included: Some(file), ..self }
    }

    /// The same place of the file that it is in, seen as a source by itself.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { included: None, ..self }
    }

    /// Which of the included files it is in; `None` for the source itself.
    pub fn included(self) -> Option<usize> {
        self.included
    }

    /// The column behind its last character.
    pub fn end_column(self) -> usize {
        self.start.column + self.width
    }
}
