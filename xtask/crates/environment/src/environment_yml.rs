//! `environment.yml`: channels, conda packages and the `pip:` section, each with its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use report::{
    Code, Findings, Problem, Source, Span, nearest,
    yaml::{Node, Value},
};
use specs::{
    Channel,
    conda::{self, MatchSpec},
    python::{PipLine, normalised},
};

use super::{
    credentials,
    duplicates::SeenPackages,
    included_files::FileReader,
    local_project::LocalProject,
    multiple_packages,
    pip_list::{PipListReader, PipListResult},
};

/// What the file says. Entries that could not be read are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentYml {
    /// The author's name for the environment. Nothing depends on it.
    pub name: Option<String>,
    /// conda's channels, the most trusted first.
    pub channels: Vec<(Channel, Span)>,
    /// The entries of `dependencies:`, without the `pip:` section.
    pub conda: Vec<(MatchSpec, Span)>,
    /// The entries of the `pip:` section, options among them, with those of the files that it includes by `-r` in their place.
    pub pip: Vec<(PipLine, Span)>,
    /// What bounds the versions of pip's packages, from the files that the section names by `-c`.
    pub constraints: Vec<(PipLine, Span)>,
    /// The projects in folders of the repository that the section names, by folder. What they need is among `pip`.
    pub projects: Vec<LocalProject>,
    /// The included files, in the order in which spans count them.
    pub included: Vec<Utf8PathBuf>,
    /// Where the environment was that the file was exported from, and the place of the key that says it.
    pub prefix: Option<(String, Span)>,
    /// Environment variables that the environment sets.
    pub variables: BTreeMap<String, String>,
    /// The key `dependencies`, if the file has it.
    pub dependencies_at: Option<Span>,
    /// The key `pip` of the first section, if there is one.
    pub pip_at: Option<Span>,
}

/// The keys that conda knows.
///
/// Source: conda's documentation, "Managing environments", and its `environment_spec` for `variables`.
const KEYS: [&str; 6] = ["name", "channels", "dependencies", "variables", "prefix", "platforms"];

impl EnvironmentYml {
    /// Reads the document of the file, if it has one. What cannot be read is left out and among the findings, which hold
    /// what is wrong with the YAML already.
    ///
    /// Also the files that it includes.
    pub(crate) fn read(
        root: Option<&Node>,
        source: &Source,
        files: &mut FileReader,
        findings: &mut Findings,
    ) -> (Self, Vec<Arc<Source>>) {
        let (environment, seen, pip) = (Self::default(), SeenPackages::default(), PipListReader::new(files));
        let mut reader = Reader { source, findings, environment, seen, pip };
        match root {
            Some(root) => reader.root(root),
            None if reader.findings.is_empty() => reader.no_dependencies(),
            None => {}
        }
        reader.environment.leave_to_local_projects();
        (reader.environment, reader.pip.included)
    }

    /// No index is asked for what comes from a folder of the repository, as one such project may need another.
    fn leave_to_local_projects(&mut self) {
        let names: Vec<String> = self.projects.iter().map(LocalProject::name).collect();
        let is_local = |line: &PipLine| match line {
            PipLine::Requirement { requirement, .. } => names.contains(&normalised(&requirement.name)),
            _ => false,
        };
        self.pip.retain(|(line, _)| !is_local(line));
        process::sort_by(&mut self.projects, |one, other| one.folder.cmp(&other.folder));
        self.projects.dedup_by(|one, other| one.folder == other.folder);
    }

    /// The included file that a place is in; `None` for `environment.yml` itself.
    pub fn included_file(&self, span: Span) -> Option<&Utf8Path> {
        self.included.get(span.included()?).map(|it| &**it)
    }

    /// The place of a package, by its normalised name, that an included file lists.
    pub(crate) fn included_package(&self, name: &str) -> Option<Span> {
        let is_named = |line: &PipLine| match line {
            PipLine::Requirement { requirement, .. } => normalised(&requirement.name) == name,
            _ => false,
        };
        let mut included = self.pip.iter().filter(|(_, span)| span.included().is_some());
        included.find(|(line, _)| is_named(line)).map(|(_, span)| *span)
    }

    /// The first entry of `dependencies:` for a package; `name` in lower case.
    pub(crate) fn conda_package(&self, name: &str) -> Option<&(MatchSpec, Span)> {
        self.conda_entries(name).next()
    }

    /// All entries of `dependencies:` for a package, of which each counts; `name` in lower case.
    pub(crate) fn conda_entries(&self, name: &str) -> impl Iterator<Item = &(MatchSpec, Span)> {
        self.conda.iter().filter(move |(spec, _)| spec.name == name)
    }
}

struct Reader<'a, 'f> {
    source: &'a Source,
    findings: &'a mut Findings,
    environment: EnvironmentYml,
    seen: SeenPackages,
    pip: PipListReader<'a, 'f>,
}

impl Reader<'_, '_> {
    fn root(&mut self, root: &Node) {
        let Some(entries) = root.entries() else {
            return self.wrong_type(root, "the file", "a mapping with `dependencies:`");
        };
        let mut has_dependencies = false;
        for (key, value) in entries {
            let is_alias = self.refuse_alias(value);
            has_dependencies |= key.text() == Some("dependencies");
            match key.text() {
                _ if is_alias => {}
                None => self.wrong_type(key, "a key", "text"),
                Some("name") => self.environment.name = self.text(value, "`name`"),
                Some("channels") => self.channels(value),
                Some("dependencies") => {
                    self.environment.dependencies_at = Some(key.span(self.source));
                    self.dependencies(value);
                }
                Some("variables") => self.variables(value),
                Some("prefix") => self.prefix(key, value),
                // conda-lock's and anaconda-project's; conda itself passes over it.
                Some("platforms") => {}
                Some(unknown) => {
                    let of_dependencies = (unknown == "pip").then(|| {
                        "write it as the last entry of `dependencies:`, as `- pip:`, and indent its list".to_owned()
                    });
                    let near = || nearest(unknown, KEYS).map(|known| format!("did you mean `{known}`?"));
                    let help = of_dependencies.or_else(near);
                    let help = help.unwrap_or_else(|| format!("conda knows {}", KEYS.join(", ")));
                    let finding =
                        self.source.at(Code::UnknownKey, key.span(self.source), format!("unknown key `{unknown}`"));
                    self.findings.push(finding.help(help));
                }
            }
        }
        if !has_dependencies {
            self.no_dependencies();
        }
    }

    fn no_dependencies(&mut self) {
        let finding = self.source.about(Code::NoDependencies, "no `dependencies:`");
        self.findings.push(finding.help("list at least `- python` there"));
    }

    fn prefix(&mut self, key: &Node, value: &Node) {
        self.environment.prefix = value.text().map(|it| (it.to_owned(), key.span(self.source)));
        let message = "`prefix:` is a path of the machine that the file was exported on";
        let finding = self.source.at(Code::Prefix, key.span(self.source), message);
        self.findings.push(finding.help("remove the line: the environment lies where this tool puts it"));
    }

    fn channels(&mut self, value: &Node) {
        let Some(nodes) = self.list(value, "`channels`") else { return };
        for node in nodes {
            let Some(text) = self.text(node, "an entry of `channels`") else { continue };
            match Channel::parse(&text) {
                Ok(channel) => self.environment.channels.push((channel, node.span(self.source))),
                Err(problem) => self.findings.push(node.problem(self.source, &text, problem)),
            }
            self.findings.extend(credentials::check(self.source, node.span(self.source), &text));
        }
    }

    fn dependencies(&mut self, value: &Node) {
        let Some(nodes) = self.list(value, "`dependencies`") else { return };
        for node in nodes {
            self.refuse_alias(node);
            match &node.resolved().value {
                Value::Text(text) => self.conda(text, node),
                Value::Map(entries) => entries.iter().for_each(|(key, value)| self.section(key, value)),
                Value::List(_) | Value::Alias(_) => self.wrong_type(node, "a package", "text"),
            }
        }
    }

    fn section(&mut self, key: &Node, value: &Node) {
        let span = key.span(self.source);
        if key.text() == Some("pip") {
            self.environment.pip_at.get_or_insert(span);
            return self.pip_section(value);
        }
        let finding = self.source.at(Code::UnknownSection, span, "a mapping among the packages that is not `pip:`");
        self.findings.push(match (key.text(), value.text()) {
            // `- python: 3.11` and `- numpy : 1.26` are what people write who think of a mapping of versions.
            (Some(name), Some(version)) if !version.is_empty() => finding.help(format!("write `- {name}={version}`")),
            _ => finding.help("the only section that conda knows here is `- pip:`"),
        });
    }

    fn conda(&mut self, text: &str, node: &Node) {
        if let Some(finding) = multiple_packages::check(self.source, node, Code::MatchSpec) {
            return self.findings.push(finding);
        }
        self.findings.extend(credentials::check(self.source, node.span(self.source), text));
        match MatchSpec::parse(text) {
            Err(problem) => self.problem(node, text, problem),
            Ok(spec) => {
                let span = node.span(self.source);
                for problem in conda::suspicious(&spec) {
                    self.problem(node, text.trim(), problem);
                }
                self.findings.extend(self.seen.conda(self.source, &spec.name, span));
                self.environment.conda.push((spec, span));
            }
        }
    }

    fn pip_section(&mut self, value: &Node) {
        // `- pip:` with nothing below it asks for nothing.
        if value.kind() == "nothing" {
            return;
        }
        let Some(nodes) = self.list(value, "`pip`") else { return };
        for node in nodes {
            self.refuse_alias(node);
            let Some(text) = self.text(node, "a pip package") else { continue };
            if let Some(finding) = multiple_packages::check(self.source, node, Code::Requirement) {
                self.findings.push(finding);
                continue;
            }
            let (findings, environment, seen) = (&mut *self.findings, &mut self.environment, &mut self.seen);
            self.pip.entry(self.source, node, &text, &mut PipListResult { findings, environment, seen });
        }
    }

    fn problem(&mut self, node: &Node, text: &str, problem: Problem) {
        self.findings.push(credentials::hidden(text, node.problem(self.source, text, problem)));
    }

    fn variables(&mut self, value: &Node) {
        let Some(entries) = value.entries() else { return self.wrong_type(value, "`variables`", "a mapping") };
        for (key, value) in entries {
            self.refuse_alias(value);
            let Some(name) = key.text() else {
                self.wrong_type(key, "the name of a variable", "text");
                continue;
            };
            let Some(text) = self.text(value, "a variable") else { continue };
            if is_variable_name(name) {
                self.environment.variables.insert(name.to_owned(), text);
            } else {
                let message = format!("`{name}` cannot be the name of an environment variable");
                let finding = self.source.at(Code::VariableName, key.span(self.source), message);
                self.findings.push(finding.help("use letters, digits and `_`, with no digit first"));
            }
        }
    }

    fn refuse_alias(&mut self, node: &Node) -> bool {
        let is_alias = matches!(node.value, Value::Alias(_));
        if is_alias {
            let finding = self.source.at(Code::YamlAlias, node.span(self.source), "an alias");
            self.findings.push(finding.help("write the value out"));
        }
        is_alias
    }

    fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        if node.text().is_none() {
            self.wrong_type(node, what, "text");
        }
        node.text().map(str::to_owned)
    }

    fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        if let Value::List(nodes) = &node.resolved().value {
            return Some(nodes);
        }
        self.wrong_type(node, what, "a list");
        None
    }

    fn wrong_type(&mut self, node: &Node, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}, not {}", node.kind());
        self.findings.push(self.source.at(Code::WrongType, node.span(self.source), message));
    }
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|it: char| it.is_ascii_digit())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentFile;

    fn parse(text: &str) -> (EnvironmentYml, String) {
        let file = EnvironmentFile::parse(Source::new("environment.yml", text));
        (file.environment().clone(), file.findings().clone().sorted().to_string())
    }

    fn findings(text: &str) -> String {
        parse(text).1
    }

    #[test]
    fn both_lists_are_read_with_their_order() {
        let text = "name: x\nchannels: [a, b]\nvariables:\n  A: '1'\ndependencies:\n  - python >=3.11 # why\n  - pip\n  \
                    - pip:\n    - tqdm\n    - --pre\n";
        let (environment, found) = parse(text);
        assert_eq!(found, "");
        assert_eq!(environment.channels.iter().map(|it| it.0.to_string()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(environment.conda[0].0.text, "python >=3.11");
        assert_eq!(environment.conda[0].1, Span::new(6, 5, 13));
        assert_eq!(environment.pip[0].0.text(), "tqdm");
        assert_eq!(environment.pip[1].1, Span::new(10, 7, 5));
        assert_eq!(environment.variables["A"], "1");
    }

    #[test]
    fn every_mistake_is_found_at_once_and_with_its_place() {
        let found = findings(
            "chanels: [x]\ndependencies:\n  - numpy\n  - Numpy=1\n  - pip:\n    - tqdm\n    - torch=2.1\n    - TQDM\n    - numpy\n    - torch\n",
        );
        for expected in [
            "environment.yml:1:1: error[E0301]: unknown key `chanels`\n    help: did you mean `channels`?",
            "environment.yml:4:5: warning[W0336]: `numpy` is listed twice, first in line 3",
            "environment.yml:7:12: error[E0314]: pip does not know conda's single `=`",
            "environment.yml:8:7: warning[W0337]: `tqdm` is listed twice, first in line 6",
            "environment.yml:9:7: warning[W0313]: `numpy` is also in the conda list, in line 3",
            "environment.yml:10:7: warning[W0337]: `torch` is listed twice, first in line 7",
        ] {
            assert!(found.contains(expected), "{expected}\n--- not in\n{found}");
        }
    }

    /// As in a third of all full exports of conda-forge's packages.
    #[test]
    fn names_that_differ_in_a_hyphen_are_two_packages_for_conda() {
        let twins = "dependencies:\n  - python=3.12\n  - typing-extensions=4.12.2=hd8ed1ab_0\n  \
                     - typing_extensions=4.12.2=pyha770c72_0\n";
        assert_eq!(findings(twins), "");
        let with_pip = findings(&format!("{twins}  - pip\n  - pip:\n    - Typing.Extensions\n"));
        let expected = "environment.yml:7:7: warning[W0313]: `typing-extensions` is also in the conda list, in line 3";
        assert!(with_pip.starts_with(expected), "{with_pip}");
    }

    #[test]
    fn two_lines_for_different_platforms_are_no_duplicate() {
        let text =
            "dependencies:\n  - pip:\n    - torch==2; sys_platform=='linux'\n    - torch==1; sys_platform=='darwin'\n";
        assert_eq!(findings(text), "");
    }

    #[test]
    fn a_file_without_packages_says_so() {
        for (text, place) in [
            ("", "environment.yml: error[E0303]: no `dependencies:`"),
            ("# nothing\n", "environment.yml: error[E0303]: no `dependencies:`"),
            ("name: x\n", "environment.yml: error[E0303]: no `dependencies:`"),
            ("- python\n", "environment.yml:1:1: error[E0302]: the file must be a mapping"),
            ("dependencies: python\n", "environment.yml:1:15: error[E0302]: `dependencies` must be a list, not text"),
        ] {
            let found = findings(text);
            assert!(found.starts_with(place), "{text:?}: {found}");
        }
    }

    #[test]
    fn a_version_as_a_mapping_comes_with_the_right_spelling() {
        assert!(findings("dependencies:\n  - python: 3.11\n").contains("help: write `- python=3.11`"));
    }
}
