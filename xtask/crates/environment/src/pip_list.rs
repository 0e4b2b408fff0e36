//! The `pip:` list, with the files that it includes read as if their lines were written in it.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use report::{Code, Finding, Findings, Problem, Source, Span, yaml::Node};
use specs::python::{PipLine, RequirementLine};

use super::{
    EnvironmentYml, credentials,
    duplicates::SeenPackages,
    included_files::{FileReader, RequirementsFile, Unreadable, path_in_repository},
    local_folder::{self, LocalFolder},
    local_project::{LocalProject, NamedFolder},
    pip_section::{self, UsablePipLine},
};

/// What has been read of the list so far.
pub struct PipListReader<'a, 'f> {
    pub files: &'a mut FileReader<'f>,
    /// The files that have been included, in the order in which spans count them.
    pub included: Vec<Arc<Source>>,
    /// The file that is being read, behind those that lead to it.
    open: Vec<Utf8PathBuf>,
    /// What has been read already. A second time, a file says nothing new.
    done: Vec<(Utf8PathBuf, LineUse)>,
}

/// What the lines of a file are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineUse {
    Requirements,
    /// They bound the versions of what is installed, and install nothing.
    Constraints,
}

/// A line, wherever it is written.
struct PipEntry<'a> {
    source: &'a Source,
    text: &'a str,
    span: Span,
    written: EntryPlace<'a>,
}

enum EntryPlace<'a> {
    List(&'a Node),
    File(&'a RequirementLine, usize),
    /// A requirement of a local project, in the `pyproject.toml` of this number.
    Project(usize),
}

/// Where what is read goes.
pub struct PipListResult<'a> {
    pub findings: &'a mut Findings,
    pub environment: &'a mut EnvironmentYml,
    pub seen: &'a mut SeenPackages,
}

impl PipEntry<'_> {
    fn problem(&self, text: &str, problem: Problem) -> Finding {
        let finding = match self.written {
            EntryPlace::List(node) => node.problem(self.source, text, problem),
            EntryPlace::File(line, _) => line.problem(self.source, problem),
            // Where TOML has escapes, places in the text would not be right.
            EntryPlace::Project(_) => {
                Finding { help: problem.help, ..self.source.at(problem.code, self.span, problem.message) }
            }
        };
        credentials::hidden(text, finding)
    }

    /// The span as the list's own source counts files.
    fn place(&self) -> Span {
        match self.written {
            EntryPlace::List(_) => self.span,
            EntryPlace::File(_, file) | EntryPlace::Project(file) => self.span.in_included(file),
        }
    }
}

impl<'a, 'f> PipListReader<'a, 'f> {
    pub fn new(files: &'a mut FileReader<'f>) -> Self {
        Self { files, included: Vec::new(), open: Vec::new(), done: Vec::new() }
    }

    /// Reads an entry of the list itself.
    pub fn entry(&mut self, source: &Source, node: &Node, text: &str, result: &mut PipListResult) {
        let entry = PipEntry { source, text, span: node.span(source), written: EntryPlace::List(node) };
        self.line(&entry, PipLine::parse(text), LineUse::Requirements, result);
    }

    fn line(
        &mut self,
        entry: &PipEntry,
        parsed: Result<PipLine, Problem>,
        line_use: LineUse,
        result: &mut PipListResult,
    ) {
        let misplaced = credentials::check_place(entry.source, entry.span, entry.text);
        let found = misplaced.or_else(|| credentials::check(entry.source, entry.span, entry.text));
        result.findings.extend(found);
        let parsed = match parsed {
            Ok(PipLine::RequirementsFile { path, .. }) if self.files.reads() => {
                return self.include(entry, "-r", &path, LineUse::Requirements, result);
            }
            Ok(PipLine::ConstraintsFile { path, .. }) if self.files.reads() => {
                return self.include(entry, "-c", &path, LineUse::Constraints, result);
            }
            Ok(line) if line_use == LineUse::Requirements && self.files.reads() && pip_section::is_folder(&line) => {
                return self.project(entry, &line, result);
            }
            parsed => parsed.and_then(pip_section::usable),
        };
        match (parsed, line_use) {
            (Ok(usable), LineUse::Requirements) => requirement(entry, usable, result),
            (Ok(usable), LineUse::Constraints) => constraint(entry, usable, result),
            (Err(problem), _) => {
                // The line still names its package, which may be listed twice.
                let is_named = problem.code == Code::PipSingleEquals;
                result.findings.push(entry.problem(entry.text, problem));
                let name = pip_section::name_of(entry.text).filter(|_| is_named && line_use == LineUse::Requirements);
                if let Some(name) = name {
                    let has_marker = entry.text.contains(';');
                    result.findings.extend(result.seen.pip(entry.source, name, has_marker, entry.span));
                }
            }
        }
    }

    fn include(&mut self, entry: &PipEntry, option: &str, named: &str, line_use: LineUse, result: &mut PipListResult) {
        let path = path_in_repository(&entry.source.file, named);
        let file = path.as_ref().map(|it| self.files.file(it));
        let (message, help) = match (path, file) {
            (Some(path), _) if self.is_open(entry.source, &path) => (
                format!("`{option}` names `{path}`, which is being read: it includes itself"),
                "remove the line, or that by which the file leads here",
            ),
            (Some(path), Some(Ok(file))) => return self.file(&path, &file, line_use, result),
            (Some(path), Some(Err(Unreadable::Unusable(what)))) => (
                format!("`{option}` names `{path}`: {what}"),
                "put the file itself there, or link to a file of the repository",
            ),
            (Some(path), _) => (
                format!("`{option}` names `{path}`, which does not exist"),
                "write the path from the folder of the file that names it, or remove the line",
            ),
            (None, _) => (
                format!("`{option}` names `{named}`, which is not in the repository"),
                match line_use {
                    LineUse::Requirements => {
                        "move the file into the repository; or `cargo xtask add -r FILE` adds what it lists"
                    }
                    LineUse::Constraints => "move the file into the repository",
                },
            ),
        };
        let problem = Problem::new(Code::PipFileOption, 0..entry.text.len(), message).help(help);
        result.findings.push(entry.problem(entry.text, problem));
    }

    /// Reads what a project in a folder of the repository needs.
    fn project(&mut self, entry: &PipEntry, line: &PipLine, result: &mut PipListResult) {
        let Some(named) = NamedFolder::of(line) else { return };
        let found = local_folder::find(self.files, &entry.source.file, &named);
        let needs = found.and_then(|it| Ok((local_folder::needs(&it, &named)?, it)));
        let (needs, LocalFolder { folder, file, pyproject }) = match needs {
            Ok(found) => found,
            Err((message, help)) => {
                let problem = Problem::new(Code::PipFileOption, 0..entry.text.len(), message).help(help);
                return result.findings.push(entry.problem(entry.text, problem));
            }
        };
        let number = self.number_of(&file.source, &file.findings, result);
        for (text, span) in needs {
            let written = EntryPlace::Project(number);
            let entry = PipEntry { source: &file.source, text: &text, span, written };
            self.line(&entry, PipLine::parse(&text), LineUse::Requirements, result);
        }
        result.environment.projects.push(LocalProject { folder, pyproject, span: entry.place() });
    }

    /// The number of an included file, which is among them from now on, with what is wrong in it.
    fn number_of(&mut self, source: &Arc<Source>, findings: &Findings, result: &mut PipListResult) -> usize {
        self.included.iter().position(|it| it.file == source.file).unwrap_or_else(|| {
            result.findings.extend(findings.iter().cloned());
            result.environment.included.push(source.file.clone());
            self.included.push(Arc::clone(source));
            self.included.len() - 1
        })
    }

    fn is_open(&self, from: &Source, path: &Utf8Path) -> bool {
        from.file == path || self.open.iter().any(|it| it == path)
    }

    fn file(&mut self, path: &Utf8Path, file: &RequirementsFile, line_use: LineUse, result: &mut PipListResult) {
        let wanted = (path.to_owned(), line_use);
        if self.done.contains(&wanted) {
            return;
        }
        let number = self.number_of(&file.source, &file.findings, result);
        self.done.push(wanted);
        self.open.push(path.to_owned());
        for (line, parsed) in &file.lines {
            let source = &*file.source;
            let written = EntryPlace::File(line, number);
            let entry = PipEntry { source, text: &line.text, span: line.span(source), written };
            self.line(&entry, parsed.clone(), line_use, result);
        }
        self.open.pop();
    }
}

fn requirement(entry: &PipEntry, usable: UsablePipLine, result: &mut PipListResult) {
    let UsablePipLine { line, warning } = usable;
    // What a project needs is not what somebody lists: it may well be listed, too.
    let is_listed = !matches!(entry.written, EntryPlace::Project(_));
    if let Some(PipLine::Requirement { requirement, .. }) = line.as_ref().filter(|_| is_listed) {
        let has_marker = requirement.marker.is_some();
        result.findings.extend(result.seen.pip(entry.source, &requirement.name, has_marker, entry.span));
    }
    result.findings.extend(warning.map(|it| entry.problem(entry.text.trim(), it)));
    result.environment.pip.extend(line.map(|it| (it, entry.place())));
}

/// Options of a constraints file count for the whole list, as they do for pip.
fn constraint(entry: &PipEntry, usable: UsablePipLine, result: &mut PipListResult) {
    let all = 0..entry.text.len();
    let problem = match usable.line {
        Some(line @ PipLine::Options { .. }) => return result.environment.pip.push((line, entry.place())),
        Some(PipLine::Requirement { requirement, .. }) if !requirement.extras.is_empty() => {
            let help = "leave the extras out here, and write them where the package is listed";
            Problem::new(Code::Requirement, all, "a constraint cannot have extras").help(help)
        }
        Some(line @ PipLine::Requirement { .. }) => {
            return result.environment.constraints.push((line, entry.place()));
        }
        Some(PipLine::Url { named, .. }) => {
            Problem::new(Code::Requirement, all, "a constraint without the name of its package")
                .help(format!("write `{named}`"))
        }
        _ => Problem::new(Code::Requirement, all, "a constraint that names no package of an index")
            .help("write it as `NAME<2`, or remove the line"),
    };
    result.findings.push(entry.problem(entry.text, problem));
}
