//! `environment.yml`: the conda and pip packages asked for.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::yaml::{self, Node, Value};
use super::{CondaSpec, PipLine, requirement};
use crate::diagnostics::{Finding, Findings, Position, nearest};

/// The file, as types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentYml {
    /// The file's name, for findings.
    pub file: Utf8PathBuf,
    /// conda's channels, the most trusted first.
    pub channels: Vec<String>,
    /// Packages asked for from conda, with their places.
    pub conda: Vec<(CondaSpec, Position)>,
    /// The `pip:` section, with places.
    pub pip: Vec<(PipLine, Position)>,
    /// Environment variables that the environment sets.
    pub variables: BTreeMap<String, String>,
}

/// The keys that conda knows.
const KEYS: [&str; 5] = ["name", "channels", "dependencies", "variables", "prefix"];

impl EnvironmentYml {
    /// Parses the file's text; everything that is wrong in it is found at once.
    pub fn parse(file: &Utf8Path, text: &str) -> Result<Self> {
        let missing = || Finding::about(file, "no `dependencies:`").help("list at least `- python` there");
        let Some(root) = yaml::parse(file, text).map_err(Findings::from)? else {
            return Err(Findings::from(missing()).into());
        };
        let mut reader = Reader {
            file,
            findings: Findings::default(),
            environment: Self { file: file.to_owned(), ..Self::default() },
            seen: BTreeMap::new(),
        };
        reader.root(root, missing);
        reader.findings.or(reader.environment)
    }
}

struct Reader<'a> {
    file: &'a Utf8Path,
    findings: Findings,
    environment: EnvironmentYml,
    /// Every package so far by its normalised name: which list has it, in which line, and whether for everybody.
    seen: BTreeMap<String, (&'static str, usize, bool)>,
}

impl Reader<'_> {
    fn root(&mut self, root: Node, missing: impl FnOnce() -> Finding) {
        let Value::Map(entries) = root.value else {
            return self.wrong_type(&root, "the file", "a mapping with `dependencies:`");
        };
        let mut has_dependencies = false;
        for (key, value) in entries {
            let Value::Text(name) = &key.value else {
                self.wrong_type(&key, "a key", "text");
                continue;
            };
            match name.as_str() {
                // Nothing depends on it: the environment lies where this tool puts it.
                "name" => _ = self.text(value, "`name`"),
                "channels" => self.environment.channels = self.texts(value, "`channels`"),
                "dependencies" => {
                    has_dependencies = true;
                    self.dependencies(value);
                }
                "variables" => self.variables(value),
                // `conda env export` writes where the environment was; here it lies elsewhere.
                "prefix" => {}
                unknown => {
                    let help = nearest(unknown, KEYS).map(|known| format!("did you mean `{known}`?"));
                    let help = help.unwrap_or_else(|| format!("conda knows {}", KEYS.join(", ")));
                    self.findings
                        .push(Finding::at(self.file, key.position, format!("unknown key `{unknown}`")).help(help));
                }
            }
        }
        if !has_dependencies {
            self.findings.push(missing());
        }
    }

    fn dependencies(&mut self, value: Node) {
        let Value::List(nodes) = value.value else { return self.wrong_type(&value, "`dependencies`", "a list") };
        for node in nodes {
            match node.value {
                Value::Text(text) => self.conda(&text, node.position),
                Value::Map(entries) => entries.into_iter().for_each(|(key, value)| match &key.value {
                    Value::Text(name) if name == "pip" => self.pip_section(value),
                    _ => self.findings.push(
                        Finding::at(self.file, key.position, "a mapping among the packages that is not `pip:`")
                            .help("the only section that conda knows here is `- pip:`"),
                    ),
                }),
                Value::List(_) => self.wrong_type(&node, "a package", "text"),
            }
        }
    }

    fn conda(&mut self, text: &str, position: Position) {
        if text.trim().is_empty() {
            return self.findings.push(Finding::at(self.file, position, "an empty entry").help("remove the `-`"));
        }
        if let Some(spec) = CondaSpec::parse(text) {
            self.unique(&spec.name, "conda", false, position);
            self.environment.conda.push((spec, position));
        } else {
            let help = "write `name`, `name=1.2`, `name>=1.2,<2` or `channel::name`; pip's packages go below `- pip:`";
            self.findings.push(Finding::at(self.file, position, format!("`{text}` is not a conda package")).help(help));
        }
    }

    fn pip_section(&mut self, value: Node) {
        let Value::List(nodes) = value.value else {
            // `- pip:` with nothing below it asks for nothing.
            if value.value.kind() != "nothing" {
                self.wrong_type(&value, "`pip`", "a list");
            }
            return;
        };
        for node in nodes {
            let Value::Text(text) = &node.value else {
                self.wrong_type(&node, "a pip package", "text");
                continue;
            };
            match PipLine::parse(text) {
                Ok(line) => {
                    if let PipLine::Requirement { name, has_marker, .. } = &line {
                        self.unique(name, "pip", *has_marker, node.position);
                    }
                    self.environment.pip.push((line, node.position));
                }
                Err((message, help)) => self.findings.push(Finding::at(self.file, node.position, message).help(help)),
            }
        }
    }

    fn unique(&mut self, name: &str, list: &'static str, has_marker: bool, position: Position) {
        let key = requirement::normalised(name);
        match self.seen.get(&key) {
            // Two lines for different platforms are no contradiction.
            Some((_, _, true)) if has_marker => {}
            Some((first_list, line, _)) => {
                let message = format!("`{name}` is asked for twice, first from {first_list} in line {line}");
                self.findings.push(Finding::at(self.file, position, message).help("keep one of the two"));
            }
            None => _ = self.seen.insert(key, (list, position.line, has_marker)),
        }
    }

    fn variables(&mut self, value: Node) {
        let Value::Map(entries) = value.value else { return self.wrong_type(&value, "`variables`", "a mapping") };
        for (key, value) in entries {
            match (&key.value, &value.value) {
                (Value::Text(name), Value::Text(text)) if is_variable_name(name) => {
                    self.environment.variables.insert(name.clone(), text.clone());
                }
                (Value::Text(name), Value::Text(_)) => {
                    let message = format!("`{name}` cannot be the name of an environment variable");
                    self.findings.push(Finding::at(self.file, key.position, message));
                }
                _ => self.wrong_type(&value, "a variable", "text"),
            }
        }
    }

    fn text(&mut self, node: Node, what: &str) -> Option<String> {
        if let Value::Text(text) = node.value {
            return Some(text);
        }
        self.wrong_type(&node, what, "text");
        None
    }

    fn texts(&mut self, node: Node, what: &str) -> Vec<String> {
        if let Value::List(nodes) = node.value {
            return nodes.into_iter().filter_map(|it| self.text(it, &format!("an entry of {what}"))).collect();
        }
        self.wrong_type(&node, what, "a list");
        Vec::new()
    }

    fn wrong_type(&mut self, node: &Node, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}, not {}", node.value.kind());
        self.findings.push(Finding::at(self.file, node.position, message));
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

    fn parse(text: &str) -> Result<EnvironmentYml> {
        EnvironmentYml::parse("environment.yml".into(), text)
    }

    fn findings(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn both_lists_are_read_with_their_order() {
        let environment = parse(
            "name: x\nchannels: [a, b]\nvariables:\n  A: '1'\ndependencies:\n  - python >=3.11 # why\n  - pip\n  - pip:\n    - tqdm\n    - --pre\n",
        )
        .unwrap();
        assert_eq!(environment.channels, ["a", "b"]);
        assert_eq!(environment.conda[0].0.text, "python >=3.11");
        assert_eq!(environment.conda[0].1, Position { line: 6, column: 5 });
        assert_eq!(environment.pip[0].0.text(), "tqdm");
        assert_eq!(environment.pip[1].1, Position { line: 10, column: 7 });
        assert_eq!(environment.variables["A"], "1");
    }

    #[test]
    fn every_mistake_is_found_at_once_and_with_its_place() {
        let found = findings(
            "chanels: [x]\ndependencies:\n  - numpy\n  - Numpy=1\n  - pip:\n    - tqdm\n    - torch=2.1\n    - TQDM\n    - numpy\n",
        );
        for expected in [
            "environment.yml:1:1: error: unknown key `chanels`\n    help: did you mean `channels`?",
            "environment.yml:4:5: error: `numpy` is asked for twice, first from conda in line 3",
            "environment.yml:7:7: error: `torch=2.1` has conda's `=`",
            "environment.yml:8:7: error: `tqdm` is asked for twice, first from pip in line 6",
            "environment.yml:9:7: error: `numpy` is asked for twice, first from conda in line 3",
        ] {
            assert!(found.contains(expected), "{expected}\n--- not in\n{found}");
        }
    }

    #[test]
    fn two_lines_for_different_platforms_are_no_duplicate() {
        let text =
            "dependencies:\n  - pip:\n    - torch==2; sys_platform=='linux'\n    - torch==1; sys_platform=='darwin'\n";
        assert!(parse(text).is_ok());
    }

    #[test]
    fn what_is_not_yaml_is_shown_where_it_is() {
        for (text, place) in [
            ("dependencies:\n\t- python\n", "environment.yml:2:1: error: a tab"),
            ("dependencies: [python\n", "environment.yml:"),
            ("dependencies:\n<<<<<<< HEAD\n  - python\n", "environment.yml:"),
            ("name: a\nname: b\n", "environment.yml:2:1: error: the key `name` stands twice"),
            ("a: &x 1\nb: *x\n", "environment.yml:2:4: error: an alias"),
            ("dependencies: [a]\n---\nb: 1\n", "environment.yml:2:1: error: a second document"),
            ("", "environment.yml: error: no `dependencies:`"),
            ("# nothing\n", "environment.yml: error: no `dependencies:`"),
            ("name: x\n", "environment.yml: error: no `dependencies:`"),
            ("- python\n", "environment.yml:1:1: error: the file must be a mapping"),
            ("dependencies: python\n", "environment.yml:1:15: error: `dependencies` must be a list, not text"),
        ] {
            let found = findings(text);
            assert!(found.starts_with(place), "{text:?}: {found}");
        }
        let nested = |depth| findings(&format!("dependencies: {}{}", "[".repeat(depth), "]".repeat(depth)));
        assert!(nested(100).contains("nested deeper"));
        assert!(nested(5000).starts_with("environment.yml:1:"));
    }
}
