//! The byte ranges of all packages in `environment.yml`.

use std::collections::HashMap;
use std::ops::Range;

use report::{
    Code, Finding, Source,
    yaml::{Node, Value},
};

use super::{
    PackageList,
    edits::{line_start, next_line},
};

/// The lists of a file, with the place of everything in them.
#[derive(Debug, Default)]
pub(crate) struct ListLayout {
    /// All packages, in the order of the file.
    pub entries: Vec<ListEntry>,
    /// Of several sections the last, which packages are added to.
    pub pip: Option<PipSection>,
}

#[derive(Debug)]
pub(crate) struct PipSection {
    pub key: Range<usize>,
    /// Whether its packages stand in brackets.
    pub is_flow: bool,
}

/// One package of a list.
#[derive(Debug)]
pub(crate) struct ListEntry {
    pub list: PackageList,
    /// The scalar, with its quotes.
    pub range: Range<usize>,
    /// The value of the scalar, without quotes and escapes.
    pub text: String,
    /// The line, without the line break.
    pub line: Range<usize>,
    /// Whether other packages stand in its line.
    pub shares_line: bool,
}

impl ListLayout {
    /// The places in the file whose document is `root`.
    pub fn read(source: &Source, root: &Node) -> Self {
        let mut layout = Self::default();
        let Some(Value::List(nodes)) = root.get("dependencies").map(|it| &it.value) else {
            return layout;
        };
        for node in nodes {
            match &node.value {
                Value::Text(text) => layout.entries.push(ListEntry::new(source, PackageList::Conda, node, text)),
                Value::Map(sections) => {
                    let pip = sections.iter().filter(|(key, _)| key.text() == Some("pip"));
                    pip.for_each(|(key, value)| layout.section(source, key, value));
                }
                Value::List(_) | Value::Alias(_) => {}
            }
        }
        layout.note_shared_lines();
        layout
    }

    fn section(&mut self, source: &Source, key: &Node, value: &Node) {
        self.pip = Some(PipSection { key: key.range.clone(), is_flow: is_flow(source, value) });
        let Value::List(nodes) = &value.value else { return };
        for node in nodes {
            if let Value::Text(text) = &node.value {
                self.entries.push(ListEntry::new(source, PackageList::Pip, node, text));
            }
        }
    }

    fn note_shared_lines(&mut self) {
        let mut in_line: HashMap<usize, usize> = HashMap::new();
        for entry in &self.entries {
            *in_line.entry(entry.line.start).or_default() += 1;
        }
        for entry in &mut self.entries {
            entry.shares_line = in_line[&entry.line.start] > 1;
        }
    }

    pub fn of(&self, list: PackageList) -> impl DoubleEndedIterator<Item = &ListEntry> {
        self.entries.iter().filter(move |it| it.list == list)
    }
}

/// Brackets begin a list where they stand; a list of lines has no text of its own.
fn is_flow(source: &Source, node: &Node) -> bool {
    source.text[node.range.clone()].starts_with('[')
}

impl ListEntry {
    fn new(source: &Source, list: PackageList, node: &Node, text: &str) -> Self {
        let written = source.text[node.range.clone()].trim_end();
        let range = node.range.start..node.range.start + written.len();
        let end = next_line(&source.text, range.end);
        let line = line_start(&source.text, range.start);
        let line = line..range.end + source.text[range.end..end].trim_end_matches(['\n', '\r']).len();
        Self { list, range, text: text.to_owned(), line, shares_line: false }
    }

    /// The rest of its line: blanks and a comment, or nothing.
    pub fn tail<'a>(&self, text: &'a str) -> &'a str {
        &text[self.range.end..self.line.end]
    }

    /// The finding for an entry that `freeze` cannot edit.
    pub fn obstacle(&self, source: &Source) -> Option<Finding> {
        let (message, help) = if self.shares_line {
            let help = "write one package per line, so that its own spec can be kept after it";
            ("more than one package in this line", help)
        } else if source.text[self.line.clone()].contains(['\n', '\r']) {
            ("a package that spans more than one line", "write it in one line, after its `-`")
        } else {
            return None;
        };
        Some(source.at(Code::FreezeLayout, source.span(self.range.clone()), message).help(help))
    }
}
