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
}

impl Span {
    pub fn new(line: usize, column: usize, width: usize) -> Self {
        Self { start: Position { line, column }, width }
    }

    /// The column behind its last character.
    pub fn end_column(self) -> usize {
        self.start.column + self.width
    }
}
