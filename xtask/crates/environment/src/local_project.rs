//! Projects in folders of the repository, which the `pip:` list names by `-e ./FOLDER`.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use process::IntoSet as _;
use project::{ProjectNeeds, Pyproject};
use report::{Findings, Source, Span};
use specs::python::{PipLine, normalised};

use super::EnvironmentYml;

/// A project that is installed editable from its folder, as the repository's own is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalProject {
    /// In the repository.
    pub folder: Utf8PathBuf,
    pub pyproject: Arc<Pyproject>,
    /// The line that names it.
    pub span: Span,
}

impl LocalProject {
    /// The normalised name of its distribution.
    pub fn name(&self) -> String {
        normalised(&self.pyproject.name)
    }
}

/// The normalised names of the distributions that come from the repository itself, and are in no lock: the project's own, and those
/// of the local projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDistributions(BTreeSet<String>);

impl OwnDistributions {
    /// `project` is the name of the project's own distribution, in any spelling.
    pub fn new(project: &str, environment: &EnvironmentYml) -> Self {
        let others = environment.projects.iter().map(LocalProject::name);
        Self(others.chain([normalised(project)]).into_set())
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// `name` normalised.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// The `pyproject.toml` of a folder, with what is wrong with it.
#[derive(Debug)]
pub struct ProjectFile {
    pub source: Arc<Source>,
    /// `None` where it does not have a project's name.
    pub pyproject: Option<Arc<Pyproject>>,
    pub findings: Findings,
}

impl ProjectFile {
    pub fn parse(path: &Utf8Path, bytes: Vec<u8>) -> Self {
        let mut findings = Findings::default();
        let source = Source::decode(path, bytes, &mut findings);
        let pyproject = source.as_ref().and_then(|it| Pyproject::parse(it, &mut findings)).map(Arc::new);
        Self { source: Arc::new(source.unwrap_or_else(|| Source::new(path, ""))), pyproject, findings }
    }
}

/// A path to a folder, as a line of the list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFolder<'a> {
    pub path: &'a str,
    pub extras: Vec<&'a str>,
    /// What follows `;`.
    pub marker: Option<&'a str>,
}

impl<'a> NamedFolder<'a> {
    /// The folder that a line wants installed; `None` for an address, a file, and every other line.
    pub fn of(line: &'a PipLine) -> Option<Self> {
        let (PipLine::Editable { path_or_url: text, .. } | PipLine::Local { path: text, .. }) = line else {
            return None;
        };
        let (text, marker) = match text.split_once(';') {
            Some((text, marker)) => (text.trim(), Some(marker.trim())),
            None => (text.trim(), None),
        };
        let (path, extras) = match text.strip_suffix(']').and_then(|it| it.split_once('[')) {
            Some((path, extras)) => (path.trim(), extras.split(',').map(str::trim).collect()),
            None => (text, Vec::new()),
        };
        let is_file = [".whl", ".zip", ".gz", ".bz2", ".xz", ".tgz", ".tar"].iter().any(|it| path.ends_with(it));
        let is_address = path.contains("://") || path.starts_with("file:");
        (!is_file && !is_address).then_some(Self { path, extras, marker })
    }
}

/// What a project needs with some of its extras, each line with its place; `Err` is an extra that it does not have. An extra may name
/// others of the same project.
pub fn needs_of<'a>(pyproject: &'a Pyproject, wanted: &[&str]) -> Result<Vec<&'a (String, Span)>, String> {
    let ProjectNeeds { dependencies, extras, .. } = &pyproject.needs;
    let mut lines: Vec<&(String, Span)> = dependencies.iter().collect();
    let mut wanted: Vec<String> = wanted.iter().rev().map(|it| normalised(it)).collect();
    let mut done = BTreeSet::new();
    while let Some(extra) = wanted.pop() {
        if !done.insert(extra.clone()) {
            continue;
        }
        let (_, more) = extras.iter().find(|(name, _)| normalised(name) == extra).ok_or(extra)?;
        for line in more {
            match PipLine::parse(&line.0) {
                Ok(PipLine::Requirement { requirement, .. })
                    if normalised(&requirement.name) == normalised(&pyproject.name) =>
                {
                    wanted.extend(requirement.extras.iter().map(|it| normalised(it)));
                }
                _ => lines.push(line),
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_from_addresses_and_files() {
        let of = |text: &str| {
            let line = PipLine::parse(text).unwrap();
            NamedFolder::of(&line).map(|it| format!("{} {:?} {:?}", it.path, it.extras, it.marker))
        };
        assert_eq!(of("-e ../libs/tool").as_deref(), Some("../libs/tool [] None"));
        assert_eq!(of("-e tool[a,b]").as_deref(), Some("tool [\"a\", \"b\"] None"));
        assert_eq!(of("./tool ; os_name == 'nt'").as_deref(), Some("./tool [] Some(\"os_name == 'nt'\")"));
        for text in ["-e git+https://e.org/t.git#egg=t", "./wheels/t-1-py3-none-any.whl", "tqdm", "-e file:///x"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn extras_of_extras_are_needed_once() {
        let text = "[project]\nname = 'My.Tool'\ndependencies = ['tqdm']\n[project.optional-dependencies]\n\
                    plots = ['rich']\nAll_of-it = ['my-tool[plots]', 'my-tool[all-of-it]', 'numpy']\n";
        let pyproject = Pyproject::parse(&Source::new("pyproject.toml", text), &mut Findings::default()).unwrap();
        let needs = |extras: &[&str]| {
            needs_of(&pyproject, extras).map(|it| it.into_iter().map(|it| it.0.as_str()).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(needs(&[]).as_deref(), Ok("tqdm"));
        assert_eq!(needs(&["all.of.it"]).as_deref(), Ok("tqdm numpy rich"));
        assert_eq!(needs(&["other"]), Err("other".to_owned()));
    }
}
