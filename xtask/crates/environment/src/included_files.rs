//! The files that `-r`, `-c` and `-e` in the `pip:` list lead to, each read once.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use report::{Findings, Problem, Source, parses};
use specs::python::{PipLine, RequirementLine};

use super::local_project::ProjectFile;

/// What is found where `environment.yml`, or a file that it includes, names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncludedFile {
    Bytes(Vec<u8>),
    Missing,
    /// Something that is not to be read, such as a link out of the repository: what it is, in words.
    Unusable(String),
}

/// A requirements file, with what is wrong with it as a text.
#[derive(Debug)]
pub struct RequirementsFile {
    pub source: Arc<Source>,
    pub lines: Vec<(RequirementLine, Result<PipLine, Problem>)>,
    pub findings: Findings,
}

/// What is known of the files, by their paths in the repository.
#[derive(Debug, Clone, Default)]
pub struct KnownFiles {
    requirements: BTreeMap<Utf8PathBuf, Result<Arc<RequirementsFile>, Unreadable>>,
    projects: BTreeMap<Utf8PathBuf, Result<Arc<ProjectFile>, Unreadable>>,
}

/// Why there is nothing to read at a path.
#[derive(Debug, Clone)]
pub enum Unreadable {
    Missing,
    Unusable(String),
}

/// Where the files are read: from those that are known, then by a function, if there is one.
pub struct FileReader<'a> {
    pub known: KnownFiles,
    pub read: Option<&'a mut dyn FnMut(&Utf8Path) -> IncludedFile>,
}

impl FileReader<'_> {
    /// Whether files are read at all: a list that is not the repository's includes none.
    pub fn reads(&self) -> bool {
        self.read.is_some() || !self.known.requirements.is_empty() || !self.known.projects.is_empty()
    }

    pub fn file(&mut self, path: &Utf8Path) -> Result<Arc<RequirementsFile>, Unreadable> {
        if let Some(known) = self.known.requirements.get(path) {
            return known.clone();
        }
        let file = self.bytes(path).map(|bytes| Arc::new(RequirementsFile::parse(path, bytes)));
        self.known.requirements.insert(path.to_owned(), file.clone());
        file
    }

    /// The `pyproject.toml` at a path.
    pub fn project(&mut self, path: &Utf8Path) -> Result<Arc<ProjectFile>, Unreadable> {
        if let Some(known) = self.known.projects.get(path) {
            return known.clone();
        }
        let file = self.bytes(path).map(|bytes| Arc::new(ProjectFile::parse(path, bytes)));
        self.known.projects.insert(path.to_owned(), file.clone());
        file
    }

    fn bytes(&mut self, path: &Utf8Path) -> Result<Vec<u8>, Unreadable> {
        match self.read.as_mut().map(|read| read(path)) {
            Some(IncludedFile::Bytes(bytes)) => Ok(bytes),
            Some(IncludedFile::Unusable(what)) => Err(Unreadable::Unusable(what)),
            Some(IncludedFile::Missing) | None => Err(Unreadable::Missing),
        }
    }
}

impl RequirementsFile {
    fn parse(path: &Utf8Path, bytes: Vec<u8>) -> Self {
        let mut findings = Findings::default();
        let source = Source::decode(path, bytes, &mut findings).unwrap_or_else(|| Source::new(path, ""));
        parses::note(&source.file, &source.text);
        let parsed = |line: RequirementLine| {
            let parsed = PipLine::parse(&line.text);
            (line, parsed)
        };
        let lines = RequirementLine::all(&source.text).into_iter().map(parsed).collect();
        Self { source: Arc::new(source), lines, findings }
    }
}

/// The path in the repository of a file that another one names; `None` where it is not in the repository. pip takes such paths
/// as relative to the folder of the file that names them.
pub fn path_in_repository(from: &Utf8Path, named: &str) -> Option<Utf8PathBuf> {
    if named.contains("://") || named.starts_with("file:") {
        return None;
    }
    let mut path = Utf8PathBuf::new();
    for part in from.parent()?.join(named).components() {
        match part {
            Utf8Component::Normal(name) => path.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if path.pop() => {}
            Utf8Component::ParentDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them_and_stay_in_the_repository() {
        for (from, named, path) in [
            ("dependencies/environment.yml", "r.txt", Some("dependencies/r.txt")),
            ("dependencies/environment.yml", "../a/./r.txt", Some("a/r.txt")),
            ("a/b/r.txt", "../c.txt", Some("a/c.txt")),
            ("dependencies/environment.yml", "../../r.txt", None),
            ("dependencies/environment.yml", "/etc/r.txt", None),
            ("dependencies/environment.yml", "https://e.org/r.txt", None),
        ] {
            assert_eq!(path_in_repository(from.into(), named).as_deref(), path.map(Utf8Path::new), "{from} {named}");
        }
    }
}
