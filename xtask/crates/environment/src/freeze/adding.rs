//! Adding: what the user asks for becomes a line of its list, or part of the line that is there.

use report::{Code, Finding, Findings, Problem, Source};
use specs::{conda::MatchSpec, python::PipLine};

use super::{
    super::pip_section::{UsablePipLine, usable},
    AskedFile, AskedName, ListReason, PackageList,
    asked::{AskedEdit, in_included_file, in_other_list, is_named, key},
    block,
    entry_kind::EntryKind,
    layout::ListEntry,
    lines::InsertionPoint,
    mark::{LineMark, ThawedLine, is_added, quoted_as},
};
use crate::{EnvironmentFile, LineAction, credentials, install_plan::is_only_condas};

/// Adds packages, as they are written on the command line, to one list, or without one each to the list where it is or
/// belongs. New lines come last in their list; where a package has a line, this says what is asked for as well as what it said.
/// A pin of `freeze` goes where something else is asked for.
pub fn add(file: &EnvironmentFile, chosen: Option<PackageList>, specs: &[String]) -> Result<AskedFile, Findings> {
    let mut edit = AskedEdit::new(file);
    let blocks = block::find(file.source(), &mut edit.errors);
    let masked = block::masked(file, &blocks);
    let mut adder = Adder { edit, masked: &masked, chosen, new: Vec::new(), packages: Vec::new() };
    for spec in specs {
        if let Err(findings) = adder.spec(spec.trim()) {
            adder.edit.errors.extend(findings.iter().cloned());
        }
    }
    // What stops the edit may be a warning elsewhere.
    if !adder.edit.errors.is_empty() {
        return Err(adder.edit.errors.sorted());
    }
    adder.new_lines(PackageList::Conda);
    adder.new_lines(PackageList::Pip);
    let Adder { edit, packages, .. } = adder;
    let (file, changes) = edit.finish()?;
    Ok(AskedFile { file, changes, packages })
}

struct Adder<'a> {
    edit: AskedEdit<'a>,
    /// The file without what `freeze --full` has written.
    masked: &'a EnvironmentFile,
    chosen: Option<PackageList>,
    new: Vec<(PackageList, String)>,
    packages: Vec<AskedName>,
}

impl Adder<'_> {
    fn spec(&mut self, spec: &str) -> Result<(), Findings> {
        let (list, reason) = self.list_for(spec);
        let kind = read(list, spec).map_err(|problem| self.finding(spec, problem))?;
        let Some(name) = kind.key() else { return Err(self.finding(spec, without_name(spec, &kind)).into()) };
        let entries = &self.edit.file.layout().entries;
        if let Some(entry) = entries.iter().find(|it| it.list != list && is_named(it, &name)) {
            return Err(in_other_list(self.edit.source(), entry, &name).into());
        }
        let wanted = (list, name.clone());
        let is_same = |it: &&ListEntry| key(it).as_ref() == Some(&wanted);
        let users: Vec<&ListEntry> = self.masked.layout().entries.iter().filter(is_same).collect();
        if let Some(finding) = in_included_file(self.masked, &name).filter(|_| users.is_empty()) {
            return Err(finding.into());
        }
        match users[..] {
            [] => {
                // It was brought by others, and is asked for now.
                entries.iter().filter(is_same).for_each(|it| self.edit.remove(it));
                self.new.push((list, kind.text().to_owned()));
            }
            [entry] => self.line(entry, &kind),
            [first, ref more @ ..] => {
                let lines: Vec<String> = more.iter().map(|it| self.edit.line(it).to_string()).collect();
                let message = format!("`{name}` has more than one line, also {}", lines.join(", "));
                let source = self.edit.source();
                let finding = source.at(Code::FreezeLayout, source.span(first.range.clone()), message);
                return Err(finding.help("change these lines by hand").into());
            }
        }
        self.packages.push(AskedName { list, name, reason });
        Ok(())
    }

    /// The list of a package, and why it is that one.
    fn list_for(&self, spec: &str) -> (PackageList, ListReason) {
        if let Some(list) = self.chosen {
            return (list, ListReason::Chosen);
        }
        let lists = [PackageList::Pip, PackageList::Conda];
        let is_listed = |list: &PackageList| {
            let name = EntryKind::read(*list, spec).and_then(|it| it.key());
            let wanted = name.map(|it| (*list, it));
            wanted.is_some() && self.masked.layout().entries.iter().any(|it| key(it) == wanted)
        };
        if let Some(list) = lists.into_iter().find(is_listed) {
            return (list, ListReason::Listed);
        }
        let is_condas_environment = self.masked.environment().conda.iter().any(|(spec, _)| is_only_condas(spec));
        let is_written_so = read(PackageList::Pip, spec).is_err() && MatchSpec::parse(spec).is_ok();
        if is_condas_environment && is_written_so {
            return (PackageList::Conda, ListReason::Condas);
        }
        (PackageList::Pip, ListReason::Python)
    }

    /// Says in a line that is there what is asked for.
    fn line(&mut self, entry: &ListEntry, asked: &EntryKind) {
        let text = &self.edit.source().text;
        let (intent, to) = match LineMark::of(text, entry) {
            LineMark::Frozen(intent) => (intent, None),
            LineMark::Users => (ThawedLine::of(text, entry), None),
            // What was installed by hand is asked for now, in these words.
            LineMark::AddedPackage => (ThawedLine::of(text, entry).without_mark(), Some(asked.text().to_owned())),
        };
        let to = to.or_else(|| EntryKind::read(entry.list, &intent.text)?.merged(asked));
        let action = match to {
            None => LineAction::Kept(entry.text.clone()),
            Some(to) => {
                let behind = format!("{}{}", quoted_as(&intent.written, &to), intent.tail);
                self.edit.replace(entry, &to, behind);
                LineAction::Changed { from: entry.text.clone(), to }
            }
        };
        self.edit.changes.push((entry.list, None, action));
    }

    fn new_lines(&mut self, list: PackageList) {
        let new: Vec<String> = self.new.iter().filter(|it| it.0 == list).map(|it| it.1.clone()).collect();
        if new.is_empty() {
            return;
        }
        let (text, layout) = (self.masked.text(), self.masked.layout());
        let makes_section = list == PackageList::Pip && layout.pip.is_none();
        let place = if list == PackageList::Conda || makes_section {
            InsertionPoint::in_conda(text, layout)
        } else {
            InsertionPoint::in_pip(text, layout)
        };
        let Some(place) = place else { return self.no_place(list) };
        let mut lines = Vec::new();
        let mut entries = place.clone();
        if makes_section {
            lines.push(place.section(""));
            entries = place.nested();
        }
        for spec in new {
            lines.push(entries.entry(&spec, ""));
            self.edit.expected.push((place.at, list, spec.clone()));
            self.edit.changes.push((list, None, LineAction::Added(spec)));
        }
        self.edit.edits.insert_lines(place.at, lines);
    }

    fn no_place(&mut self, list: PackageList) {
        let (source, layout) = (self.edit.source(), self.masked.layout());
        let section = layout.pip.as_ref().filter(|_| list == PackageList::Pip).map(|it| &it.key);
        let first = section.or_else(|| layout.of(list).next().or_else(|| layout.entries.first()).map(|it| &it.range));
        let message = format!("no line can be added to the {} list", list.name());
        let finding = match first {
            Some(range) => source.at(Code::FreezeLayout, source.span(range.clone()), message),
            None => source.about(Code::FreezeLayout, message),
        };
        self.edit.errors.push(finding.help("write the packages of the list as `- NAME`, one a line"));
    }

    /// The finding for what is wrong on the command line.
    fn finding(&self, spec: &str, problem: Problem) -> Finding {
        let finding = Source::new("command line", spec).problem(0, problem);
        let is_condas = self.chosen.is_none() && MatchSpec::parse(spec).is_ok();
        let finding = match finding.help.clone() {
            Some(help) if is_condas => finding.help(format!("{help}; for a package of conda's, say `--conda`")),
            None if is_condas => finding.help("for a package of conda's, say `--conda`"),
            _ => finding,
        };
        credentials::hidden(spec, finding)
    }
}

impl ThawedLine {
    /// Without the comment of `freeze` behind it.
    fn without_mark(self) -> Self {
        let tail =
            self.tail.rfind('#').filter(|_| is_added(&self.tail)).map(|at| self.tail[..at].trim_end().to_owned());
        Self { tail: tail.unwrap_or_default(), ..self }
    }
}

/// Reads what was asked for; what is doubtful in a list is refused here.
fn read(list: PackageList, spec: &str) -> Result<EntryKind, Problem> {
    if list == PackageList::Conda {
        return MatchSpec::parse(spec).map(EntryKind::Conda);
    }
    let line = PipLine::parse(spec)?;
    let UsablePipLine { warning, .. } = usable(line.clone())?;
    if let Some(problem) = warning.filter(|it| it.code != Code::PipUrlWithoutName) {
        return Err(problem);
    }
    Ok(EntryKind::read(list, spec).unwrap_or(EntryKind::Pip(line)))
}

fn without_name(spec: &str, kind: &EntryKind) -> Problem {
    let problem = Problem::new(Code::Requirement, 0..spec.len(), format!("`{spec}` names no package"));
    match kind {
        EntryKind::Pip(PipLine::Url { named, .. }) => problem.help(format!("write `{named}`")),
        _ => problem.help("write the line into `dependencies/environment.yml` by hand"),
    }
}
