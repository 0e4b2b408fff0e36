//! Heredocs: text of an instruction in the lines after it, as in a shell.

use std::ops::Range;

use super::{Line, words};

/// The instructions that may have one (Dockerfile reference, "Here-documents").
const INSTRUCTIONS: [&str; 3] = ["RUN", "COPY", "ADD"];

/// Opened by `<<EOF` or `<<-"EOF"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The line that ends it.
    pub name: String,
    /// Whether tabs at the beginning of lines do not count.
    strips_tabs: bool,
    /// Of `<<NAME`, in the file.
    pub range: Range<usize>,
}

impl Heredoc {
    /// Whether a line of the file ends it.
    pub fn is_ended_by(&self, line: &str) -> bool {
        let line = if self.strips_tabs { line.trim_start_matches('\t') } else { line };
        line == self.name
    }
}

/// The heredocs of an instruction, in the order of their texts.
pub fn heredocs_of(line: &Line, escape: char) -> Vec<Heredoc> {
    let words = words::split(&line.text, escape);
    let mut keywords = words.iter().map(|it| line.slice(it.clone()));
    let is_possible = match keywords.next() {
        Some(keyword) if keyword.eq_ignore_ascii_case("ONBUILD") => keywords.next().is_some_and(can_have_one),
        Some(keyword) => can_have_one(keyword),
        None => false,
    };
    let heredocs = words.into_iter().filter_map(|word| {
        let (name, strips_tabs) = opening(line.slice(word.clone()))?;
        let name = words::unquote(name, escape);
        (!name.is_empty()).then(|| Heredoc { name, strips_tabs, range: line.file_range(word) })
    });
    heredocs.filter(|_| is_possible).collect()
}

fn can_have_one(keyword: &str) -> bool {
    INSTRUCTIONS.iter().any(|it| it.eq_ignore_ascii_case(keyword))
}

/// The name, still quoted, and whether tabs are stripped. A file descriptor may stand in front; `<<<` is something else.
fn opening(word: &str) -> Option<(&str, bool)> {
    let name = word.trim_start_matches(|it: char| it.is_ascii_digit()).strip_prefix("<<")?;
    let stripped = name.strip_prefix('-');
    let name = stripped.unwrap_or(name);
    (!name.contains('<')).then_some((name, stripped.is_some()))
}

/// Whether a word opens a heredoc.
pub fn is_opening(word: &str) -> bool {
    opening(word).is_some_and(|(name, _)| !name.is_empty())
}
