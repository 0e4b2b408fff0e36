//! Pieces of a line, and the line with one of them corrected.

use std::ops::Range;

/// The piece without the white space at its ends.
pub(super) fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let piece = line.get(range.clone()).unwrap_or_default();
    let start = range.start + (piece.len() - piece.trim_start().len());
    start..start + piece.trim().len()
}

/// The line with other text in place of a piece, which then follows closely on what stands before it.
pub(super) fn corrected(line: &str, piece: Range<usize>, replacement: &str) -> String {
    let before = line.get(..piece.start).unwrap_or_default().trim();
    let after = line.get(piece.end..).unwrap_or_default().trim_end();
    format!("{before}{replacement}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_piece_follows_closely() {
        let line = " numpy  1.26 ; os_name == 'nt' ";
        let piece = trimmed(line, 6..13);
        assert_eq!(&line[piece.clone()], "1.26");
        assert_eq!(corrected(line, piece, "==1.26"), "numpy==1.26 ; os_name == 'nt'");
        assert_eq!(trimmed("  ", 0..2), 2..2);
    }
}
