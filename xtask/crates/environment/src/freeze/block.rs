//! The block of packages that `freeze --full` writes, and that nobody edits by hand.

use std::ops::Range;

use report::{Code, Finding, Findings, Source};

use super::edits::next_line;
use crate::EnvironmentFile;

pub(super) const BEGINNING: &str = "# >>> brought by the packages above, written by cargo xtask freeze --full";

pub(super) const END: &str = "# <<< brought by the packages above";

/// The bytes of the blocks of a file, as whole lines. A beginning without an end, or the other way round, is among the
/// findings, and no block.
pub(super) fn find(source: &Source, findings: &mut Findings) -> Vec<Range<usize>> {
    let (mut blocks, mut open) = (Vec::new(), None);
    let mut at = 0;
    while at < source.text.len() {
        let end = next_line(&source.text, at);
        let is_odd = match source.text[at..end].trim() {
            BEGINNING => open.replace(at),
            END => match open.take() {
                Some(start) => {
                    blocks.push(start..end);
                    None
                }
                None => Some(at),
            },
            _ => None,
        };
        findings.extend(is_odd.map(|at| odd(source, at)));
        at = end;
    }
    findings.extend(open.map(|at| odd(source, at)));
    blocks
}

fn odd(source: &Source, at: usize) -> Finding {
    let span = source.span(at..next_line(&source.text, at));
    source
        .at(Code::FreezeLayout, span, "one end of the block that `cargo xtask freeze --full` writes, without the other")
        .help("remove this line, and all lines of the block that are left")
}

impl EnvironmentFile {
    /// The file without what `freeze --full` has written: comments are in place of it, so that every other byte stays
    /// where it is. Half a block is left as it is.
    #[must_use]
    pub fn without_transitive(&self) -> Self {
        masked(self, &find(self.source(), &mut Findings::default()))
    }
}

/// The file with comments in place of its blocks, so that every other byte stays where it is.
pub(super) fn masked(file: &EnvironmentFile, blocks: &[Range<usize>]) -> EnvironmentFile {
    if blocks.is_empty() { file.clone() } else { file.with_text(&masked_text(file.text(), blocks)) }
}

fn masked_text(whole: &str, blocks: &[Range<usize>]) -> String {
    let (mut text, mut at) = (String::with_capacity(whole.len()), 0);
    for block in blocks {
        text += &whole[at..block.start];
        for line in whole[block.clone()].split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let comment = if content.is_empty() { String::new() } else { format!("#{:1$}", "", content.len() - 1) };
            text += &comment;
            text += &line[content.len()..];
        }
        at = block.end;
    }
    text += &whole[at..];
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_keeps_its_place() {
        let source = Source::new("f", format!("a\r\n  {BEGINNING}\r\n  - é\r\n\r\n  {END}\r\nb"));
        let mut findings = Findings::default();
        let blocks = find(&source, &mut findings);
        assert!(findings.is_empty());
        assert!(source.text[blocks[0].clone()].ends_with(&format!("{END}\r\n")));
        let masked = masked_text(&source.text, &blocks);
        assert_eq!(masked.len(), source.text.len());
        assert!(masked.starts_with("a\r\n#") && masked.ends_with("\r\nb"));
        assert!(masked.lines().skip(1).take(4).all(|it| it.trim_end().is_empty() || it.trim_end() == "#"));
    }

    #[test]
    fn half_a_block_is_found() {
        for text in [BEGINNING.to_owned(), format!("a\n{END}\n"), format!("{BEGINNING}\n{BEGINNING}\n{END}\n")] {
            let mut findings = Findings::default();
            find(&Source::new("f", &*text), &mut findings);
            assert_eq!(findings.len(), 1, "{text}");
        }
    }
}
