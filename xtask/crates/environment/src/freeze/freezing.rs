//! Freezing: installed versions take the place of the user's constraints.

use std::collections::BTreeSet;

use process::{IntoSet as _, sort_by};
use report::{Code, Finding, Findings, Source};
use specs::python::{PipLine, RequirementSource, Version};

use super::{
    AddedSpec, FreezeAction, FrozenFile, PackageList, Pin, Pins, block,
    check::ExpectedLists,
    edits::Edits,
    entry_kind::EntryKind,
    layout::{ListEntry, ListLayout},
    lines::InsertionPoint,
    mark::{ADDED, LineMark, ThawedLine, is_added},
};
use crate::{EnvironmentFile, EnvironmentYml, snapshot::requirement_of};

/// The packages that are installed, by the line that they have or get.
pub struct InstalledPackages<'a> {
    /// Packages that have a line already.
    pub pins: &'a Pins,
    pub added: &'a [AddedSpec],
    /// Dependencies of these, for `freeze --full`; `None` leaves them to the lock.
    pub transitive: Option<&'a [AddedSpec]>,
    /// Whether the marker of a requirement holds here.
    pub applies: &'a dyn Fn(&PipLine) -> bool,
}

/// Writes what is installed into `environment.yml`.
///
/// Each listed package gets its version, and the user's own spec is kept in a comment; packages installed by hand
/// come last in their lists, and go again when they are no longer installed. A line for another machine is left alone, and so
/// is that of a package which is not installed, which is a warning among the findings of the result.
///
/// A file with errors is left alone, and so is one in which a line that has to change holds several packages.
pub fn freeze(file: &EnvironmentFile, installed: &InstalledPackages) -> Result<FrozenFile, Findings> {
    let mut errors = Findings::default();
    let blocks = block::find(file.source(), &mut errors);
    let masked = block::masked(file, &blocks);
    errors.extend(masked.findings().iter().cloned());
    if errors.has_errors() {
        return Err(errors.sorted());
    }
    let layout = masked.layout();
    let is_staying = |it: &&ListEntry| !is_gone(masked.source(), installed, it);
    let mut freezer = Freezer {
        source: masked.source(),
        layout,
        installed,
        known: layout.entries.iter().filter(is_staying).filter_map(key).map(|(list, name)| list.with(&name)).into_set(),
        edits: Edits::default(),
        expected: ExpectedLists::default(),
        changes: Vec::new(),
        errors: Findings::default(),
        warnings: Findings::default(),
    };
    let new = [PackageList::Conda, PackageList::Pip].map(|list| freezer.new_packages(list));
    freezer.entries(&new);
    freezer.included(masked.environment());
    freezer.additions(new);
    freezer.edits.remove_blocks(blocks);
    let Freezer { edits, expected, changes, errors, warnings, .. } = freezer;
    if errors.has_errors() {
        return Err(errors.sorted());
    }
    let edited = file.with_text(&edits.apply(file.text()));
    let lines = expected.check(&masked, &edited)?;
    let changes = changes.into_iter().map(|(list, action, line)| lines.change(list, action, line)).collect();
    Ok(FrozenFile { file: edited, changes, findings: warnings })
}

/// NewEntries entries of one list.
#[derive(Debug, Default)]
struct NewEntries {
    added: Vec<String>,
    /// Sorted by name.
    transitive: Vec<String>,
}

impl NewEntries {
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.transitive.is_empty()
    }

    fn added_lines(&self, place: &InsertionPoint) -> Vec<String> {
        self.added.iter().map(|it| place.entry(it, ADDED)).collect()
    }

    fn transitive_lines(&self, place: &InsertionPoint) -> Vec<String> {
        self.transitive.iter().map(|it| place.entry(it, "")).collect()
    }
}

struct Freezer<'a> {
    source: &'a Source,
    layout: &'a ListLayout,
    installed: &'a InstalledPackages<'a>,
    /// The packages that have, or get, lines of their own.
    known: BTreeSet<String>,
    edits: Edits,
    expected: ExpectedLists,
    changes: Vec<(PackageList, FreezeAction, usize)>,
    errors: Findings,
    warnings: Findings,
}

impl Freezer<'_> {
    /// Packages without a line, each once.
    fn new_packages(&mut self, list: PackageList) -> NewEntries {
        let of_list = |it: &&AddedSpec| it.list() == list;
        let mut transitive: Vec<&AddedSpec> =
            self.installed.transitive.unwrap_or_default().iter().filter(of_list).collect();
        sort_by(&mut transitive, |one, other| one.key().cmp(&other.key()));
        let added = self.installed.added.iter().filter(of_list).collect();
        NewEntries { added: self.without_line(added), transitive: self.without_line(transitive) }
    }

    fn without_line(&mut self, packages: Vec<&AddedSpec>) -> Vec<String> {
        let mut specs = Vec::new();
        for package in packages {
            let (list, key, spec) = (package.list(), package.key(), package.spec());
            if self.known.insert(list.with(&key)) {
                self.expect_to_say(list, &spec, &key, &package.pin());
                specs.push(spec);
            }
        }
        specs
    }

    /// Notes an error where an entry would not be read as the package that it is made from.
    fn expect_to_say(&mut self, list: PackageList, spec: &str, key: &str, pin: &Pin) {
        let says = EntryKind::read(list, spec).is_some_and(|it| it.key().as_deref() == Some(key) && it.is_exactly(pin));
        if !says {
            let message = format!("`{spec}` is installed but cannot be written as an entry, so nothing was changed");
            let finding = self.source.about(Code::FreezeLayout, message);
            self.errors.push(finding.help("install a version that the list can name, or remove the package"));
        }
    }

    fn entries(&mut self, [_, new_in_pip]: &[NewEntries; 2]) {
        let layout = self.layout;
        let keeps_section = !new_in_pip.is_empty() || layout.of(PackageList::Pip).any(|it| !self.is_gone(it));
        for entry in &layout.entries {
            // pip itself may not be installed: it is there for the section.
            let is_for_section = keeps_section && key(entry) == Some((PackageList::Conda, "pip".to_owned()));
            if self.is_gone(entry) && !is_for_section {
                self.remove(entry);
            } else {
                self.entry(entry);
            }
        }
        let behind = |at: usize| self.source.text[at..].lines().next().unwrap_or_default();
        let section = layout.pip.as_ref().filter(|it| !keeps_section && is_added(behind(it.key.end)));
        if let Some(section) = section {
            self.edits.remove_lines(&self.source.text, section.key.clone());
        }
    }

    /// Names the lines of included files that do not allow what is installed: they stay as they are.
    fn included(&mut self, environment: &EnvironmentYml) {
        let lines = environment.pip.iter().filter(|(_, span)| span.included().is_some());
        for (line, span) in lines.filter(|(line, _)| (self.installed.applies)(line)) {
            let Some((requirement, true)) = requirement_of(line) else { continue };
            let pin = self.installed.pins.get(PackageList::Pip, &PackageList::Pip.key(&requirement.name));
            let (name, file) = (&requirement.name, &self.source.of(*span).file);
            let (message, help) = match (pin, &requirement.source) {
                (None, _) => (format!("`{name}` is not installed"), "rebuild the environment, or remove the line"),
                (Some(Pin::Version(version)), RequirementSource::Versions(allowed))
                    if Version::parse(&version).is_some_and(|it| !allowed.contains(&it)) =>
                {
                    let message = format!("`{name}` {version} is installed, and `freeze` leaves `{file}` as it is");
                    (message, "rebuild the environment, or change the line")
                }
                _ => continue,
            };
            self.warnings.push(self.source.at(Code::FreezeNotInstalled, *span, message).help(help));
        }
    }

    fn is_gone(&self, entry: &ListEntry) -> bool {
        is_gone(self.source, self.installed, entry)
    }

    fn remove(&mut self, entry: &ListEntry) {
        self.edits.remove_lines(&self.source.text, entry.range.clone());
        self.changes.push((entry.list, FreezeAction::Removed(entry.text.clone()), self.line(entry)));
    }

    fn line(&self, entry: &ListEntry) -> usize {
        self.source.position(entry.range.start).line
    }

    fn entry(&mut self, entry: &ListEntry) {
        let before = &self.source.text[entry.range.start..entry.line.end];
        let Some((text, behind)) = self.frozen(entry).filter(|(_, behind)| behind != before) else {
            return self.expected.push(entry.list, &*entry.text);
        };
        self.errors.extend(entry.obstacle(self.source));
        self.edits.replace(entry.range.start..entry.line.end, behind);
        self.expected.push(entry.list, &*text);
        if text != entry.text {
            let action = FreezeAction::Pinned { from: entry.text.clone(), to: text };
            self.changes.push((entry.list, action, self.line(entry)));
        }
    }

    /// What an entry says when it is frozen, and its line from there on; `None` where the line stays as it is.
    fn frozen(&mut self, entry: &ListEntry) -> Option<(String, String)> {
        let mark = LineMark::of(&self.source.text, entry);
        let is_added = mark == LineMark::AddedPackage;
        let intent = match mark {
            LineMark::Frozen(intent) => intent,
            LineMark::Users | LineMark::AddedPackage => ThawedLine::of(&self.source.text, entry),
        };
        let kind = EntryKind::read(entry.list, &intent.text)?;
        if matches!(&kind, EntryKind::Pip(line) if !(self.installed.applies)(line)) {
            return None;
        }
        let key = kind.key();
        let pin = key.as_ref().and_then(|it| pin(self.installed, entry.list, it));
        let Some(pin) = pin else {
            self.warnings.extend(not_installed(self.source, entry, &kind).filter(|_| !is_added));
            return None;
        };
        if kind.is_exactly(&pin) {
            let behind = intent.thawed();
            return Some((intent.text, behind));
        }
        let pinned = kind.pinned(&pin)?;
        self.expect_to_say(entry.list, &pinned, &key?, &pin);
        let behind = if is_added { intent.added(&pinned) } else { intent.frozen(&pinned) };
        Some((pinned, behind))
    }

    fn additions(&mut self, [conda, pip]: [NewEntries; 2]) {
        let text = &self.source.text;
        let makes_section = self.layout.pip.is_none() && !pip.is_empty();
        if !conda.is_empty() || makes_section {
            let Some(place) = InsertionPoint::in_conda(text, self.layout) else {
                return self.no_place(PackageList::Conda);
            };
            let mut lines = conda.added_lines(&place);
            let mut block = conda.transitive_lines(&place);
            let mut section = Vec::new();
            self.note_added(PackageList::Conda, &conda.added);
            if makes_section && pip.added.is_empty() {
                block.push(place.section(""));
                block.extend(pip.transitive_lines(&place.nested()));
            } else if makes_section {
                lines.extend(self.pip_itself().map(|it| place.entry(&it, ADDED)));
                section.push(place.section(ADDED));
                section.extend(pip.added_lines(&place.nested()));
                section.extend(in_block(&place.nested(), pip.transitive_lines(&place.nested())));
            }
            conda.transitive.iter().for_each(|it| self.expected.push(PackageList::Conda, &**it));
            lines.extend(in_block(&place, block));
            lines.extend(section);
            self.edits.insert_lines(place.at, lines);
        }
        if !makes_section && !pip.is_empty() {
            let Some(place) = InsertionPoint::in_pip(text, self.layout) else { return self.no_place(PackageList::Pip) };
            let mut lines = pip.added_lines(&place);
            lines.extend(in_block(&place, pip.transitive_lines(&place)));
            self.edits.insert_lines(place.at, lines);
        }
        self.note_added(PackageList::Pip, &pip.added);
        pip.transitive.iter().for_each(|it| self.expected.push(PackageList::Pip, &**it));
    }

    fn note_added(&mut self, list: PackageList, added: &[String]) {
        for spec in added {
            self.expected.push(list, &**spec);
            self.changes.push((list, FreezeAction::AddedPackage(spec.clone()), 0));
        }
    }

    /// The entry of pip in conda's list, which a new section needs, if it has none.
    fn pip_itself(&mut self) -> Option<String> {
        let key = "pip".to_owned();
        let pin = self.installed.pins.get(PackageList::Conda, &key);
        let is_new = self.known.insert(PackageList::Conda.with(&key));
        let spec = match pin {
            Some(Pin::Version(version) | Pin::Build { version, .. }) => format!("pip={version}"),
            _ => "pip".to_owned(),
        };
        is_new.then(|| {
            self.note_added(PackageList::Conda, std::slice::from_ref(&spec));
            spec
        })
    }

    fn no_place(&mut self, list: PackageList) {
        let section = self.layout.pip.as_ref().filter(|_| list == PackageList::Pip).map(|it| &it.key);
        let first = section.or_else(|| self.layout.of(list).next().map(|it| &it.range));
        let message = "a list that freeze cannot add a line to";
        let finding = match first {
            Some(range) => self.source.at(Code::FreezeLayout, self.source.span(range.clone()), message),
            None => self.source.about(Code::FreezeLayout, message),
        };
        self.errors.push(finding.help("write the packages of the list as `- NAME`, one a line"));
    }
}

/// Whether an earlier freeze added a line whose package is no longer installed.
fn is_gone(source: &Source, installed: &InstalledPackages, entry: &ListEntry) -> bool {
    LineMark::is_added(&source.text, entry)
        && key(entry).is_some_and(|(list, key)| pin(installed, list, &key).is_none())
}

/// What is installed of a package that has a line.
fn pin(installed: &InstalledPackages, list: PackageList, key: &str) -> Option<Pin> {
    let added = || installed.added.iter().find(|it| it.list() == list && it.key() == key).map(AddedSpec::pin);
    installed.pins.get(list, key).or_else(added)
}

fn key(entry: &ListEntry) -> Option<(PackageList, String)> {
    Some((entry.list, EntryKind::read(entry.list, &entry.text)?.key()?))
}

/// Lines between the comments of a block, if there are any.
fn in_block(place: &InsertionPoint, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    let (beginning, end) = (place.comment(block::BEGINNING), place.comment(block::END));
    [vec![beginning], lines, vec![end]].concat()
}

/// The finding for an entry of which nothing is installed; there is none for what is no package, or many.
fn not_installed(source: &Source, entry: &ListEntry, kind: &EntryKind) -> Option<Finding> {
    let (message, help) = if let EntryKind::Pip(PipLine::Url { named, .. }) = kind {
        let message = "a URL that does not name its package, so its line stays as it is";
        (message.to_owned(), format!("write `{named}`"))
    } else {
        let message = format!("`{}` is not installed, so its line stays as it is", kind.key()?);
        (message, "rebuild the environment, or remove the line".to_owned())
    };
    Some(source.at(Code::FreezeNotInstalled, source.span(entry.range.clone()), message).help(help))
}
