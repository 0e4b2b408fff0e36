//! What `add` and `remove` have made of the lists.

use report::{Code, Finding, Findings, Source};

use super::{PackageList, check::ExpectedLists, edits::Edits, entry_kind::EntryKind, layout::ListEntry};
use crate::{EnvironmentFile, LineAction, LineChange};

/// The result of `add` or `remove`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFile {
    pub file: EnvironmentFile,
    /// In the order in which they were asked for.
    pub changes: Vec<LineChange>,
    /// The packages that were added, or whose line was there already.
    pub packages: Vec<AskedName>,
}

/// A package that `add` was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedName {
    pub list: PackageList,
    /// As its list compares it.
    pub name: String,
    pub reason: ListReason,
}

/// Why a package is in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListReason {
    /// The user has said so.
    Chosen,
    /// It had a line there already.
    Listed,
    /// It is a package for Python, as far as anybody can tell.
    Python,
    /// It is written as conda writes one, and conda makes the environment.
    Condas,
}

/// An edit that is being made, and what the lists are expected to hold after it.
pub(super) struct AskedEdit<'a> {
    pub file: &'a EnvironmentFile,
    pub edits: Edits,
    /// Entries with the offset by which they are ordered.
    pub expected: Vec<(usize, PackageList, String)>,
    /// Changes, without a line where the edited file has it.
    pub changes: Vec<(PackageList, Option<usize>, LineAction)>,
    pub errors: Findings,
}

impl<'a> AskedEdit<'a> {
    pub fn new(file: &'a EnvironmentFile) -> Self {
        let expected = file.layout().entries.iter().map(|it| (it.range.start, it.list, it.text.clone())).collect();
        let (edits, changes, errors) = (Edits::default(), Vec::new(), Findings::default());
        Self { file, edits, expected, changes, errors }
    }

    pub fn source(&self) -> &'a Source {
        self.file.source()
    }

    pub fn line(&self, entry: &ListEntry) -> usize {
        self.source().position(entry.range.start).line
    }

    /// Takes out the lines of an entry, which has to have them for itself.
    pub fn remove(&mut self, entry: &ListEntry) {
        self.errors.extend(entry.obstacle(self.source()));
        self.edits.remove_lines(&self.source().text, entry.range.clone());
        self.expected.retain(|(at, ..)| *at != entry.range.start);
    }

    /// Puts another text in place of an entry, and `behind` in place of its line from there on.
    pub fn replace(&mut self, entry: &ListEntry, text: &str, behind: String) {
        self.errors.extend(entry.obstacle(self.source()));
        self.edits.replace(entry.range.start..entry.line.end, behind);
        if let Some(expected) = self.expected.iter_mut().find(|(at, ..)| *at == entry.range.start) {
            text.clone_into(&mut expected.2);
        }
    }

    /// Makes the edit. The error has what is wrong in the edited file, at its places there.
    pub fn finish(mut self) -> Result<(EnvironmentFile, Vec<LineChange>), Findings> {
        if self.errors.has_errors() {
            return Err(self.errors.sorted());
        }
        let edited = self.file.with_text(&self.edits.apply(self.file.text()));
        if edited.findings().has_errors() {
            return Err(edited.findings().clone().sorted());
        }
        process::sort_by(&mut self.expected, |one, other| one.0.cmp(&other.0));
        let mut expected = ExpectedLists::default();
        self.expected.into_iter().for_each(|(_, list, text)| expected.push(list, text));
        expected.check(self.file, &edited)?;
        let line_of = |list: PackageList, text: &str| {
            let entry = edited.layout().of(list).find(|it| it.text == text);
            entry.map(|it| edited.source().position(it.range.start).line)
        };
        let changes = self.changes.into_iter().map(|(list, line, action)| {
            let line = line.or_else(|| line_of(list, action.text())).unwrap_or(1);
            LineChange { line, action }
        });
        let changes = changes.collect();
        Ok((edited, changes))
    }
}

/// The list and name of an entry, by which it is told from others.
pub(super) fn key(entry: &ListEntry) -> Option<(PackageList, String)> {
    Some((entry.list, EntryKind::read(entry.list, &entry.text)?.key()?))
}

/// Whether an entry is for the package of this name, however it is spelt and whichever list it is in.
pub(super) fn is_named(entry: &ListEntry, name: &str) -> bool {
    // Whoever names a package need not know how its list spells it.
    key(entry).is_some_and(|(_, it)| PackageList::Pip.key(&it) == PackageList::Pip.key(name))
}

/// The finding for a package that a file lists which `environment.yml` includes; `None` for any other.
pub(super) fn in_included_file(file: &EnvironmentFile, name: &str) -> Option<Finding> {
    let name = PackageList::Pip.key(name);
    let place = file.environment().included_package(&name)?;
    let message =
        format!("`{name}` is listed in a file that `environment.yml` includes, which this command leaves as it is");
    Some(file.source().at(Code::FreezeName, place, message).help("change this line by hand"))
}

/// The finding for a package that is in the other list.
pub(super) fn in_other_list(source: &Source, entry: &ListEntry, name: &str) -> Finding {
    let list = entry.list.name();
    let message = format!("`{name}` is in the {list} list already");
    let help = format!("to change that line, say `--{list}`; to move it, first `cargo xtask remove --{list} {name}`");
    source.at(Code::CondaAndPip, source.span(entry.range.clone()), message).help(help)
}
