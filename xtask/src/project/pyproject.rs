//! The Python project's own description: the one source of its names.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::Utf8Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Layout;
use crate::diagnostics::{Finding, Findings, Position};
use crate::fs;

/// What this tool needs to know of `python-project/pyproject.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pyproject {
    /// The distribution's name, as written.
    pub name: String,
    /// The importable package.
    pub package: String,
    /// Files beside it that the build backend reads for the metadata, readme and licences, as patterns (PEP 639).
    pub metadata_files: BTreeSet<String>,
    /// Whether the version stands in the package's code.
    pub has_dynamic_version: bool,
    /// The whole text.
    pub text: String,
}

impl Pyproject {
    /// Reads the project's file.
    pub fn load(layout: &Layout) -> Result<Self> {
        let path = layout.python_project().join("pyproject.toml");
        Self::parse(&layout.relative(&path), &fs::read_text(&path)?)
    }

    /// Parses its text; `file` is named in findings.
    ///
    /// Sources: PyPA's pyproject.toml specification for `[project]`, hatchling's documentation of the wheel builder for
    /// `packages`.
    pub fn parse(file: &Utf8Path, text: &str) -> Result<Self> {
        let at = |offset: usize, message: String| Finding::at(file, Position::of_byte(text, offset), message);
        let document = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            Findings::from(at(error.span().map_or(0, |it| it.start), message))
        })?;
        let document = document.get_ref();
        let project = find(document, &["project"]).and_then(|it| it.get_ref().as_table());
        let name = project.and_then(|it| it.get("name"));
        let Some(name_text) = name.and_then(text_of) else {
            let place = name.or_else(|| find(document, &["project"])).map_or(0, |it| it.span().start);
            let finding = at(place, "`[project]` has no `name` that is text".to_owned());
            return Err(Findings::from(finding.help("write `name = \"my-project\"` below `[project]`")).into());
        };
        let packages = find(document, &["tool", "hatch", "build", "targets", "wheel", "packages"]);
        let package = packages
            .map(texts_of)
            .unwrap_or_default()
            .first()
            .and_then(|it| Utf8Path::new(it).file_name().map(str::to_owned));
        let dynamic = find(document, &["project", "dynamic"]).map(texts_of).unwrap_or_default();
        Ok(Self {
            name: name_text.to_owned(),
            package: package.unwrap_or_else(|| import_name(name_text)),
            metadata_files: metadata_files(document),
            has_dynamic_version: dynamic.iter().any(|it| it == "version"),
            text: text.to_owned(),
        })
    }
}

/// The import name that a distribution of this name has by convention.
fn import_name(distribution: &str) -> String {
    distribution.to_lowercase().replace(['-', '.'], "_")
}

/// The readme and the licences, as patterns.
fn metadata_files(document: &DeTable) -> BTreeSet<String> {
    // A plain `license` is an SPDX expression, and no file; a plain `readme` is one.
    let named = [&["project", "readme"][..], &["project", "readme", "file"], &["project", "license", "file"]];
    let named =
        named.into_iter().filter_map(|path| find(document, path)).filter_map(text_of).map(glob::Pattern::escape);
    let patterns = find(document, &["project", "license-files"]).map(texts_of).unwrap_or_default();
    named.chain(patterns).collect()
}

/// The value at the end of a path of keys.
fn find<'a, 'i>(table: &'a DeTable<'i>, path: &[&str]) -> Option<&'a Spanned<DeValue<'i>>> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    if rest.is_empty() { Some(value) } else { find(value.get_ref().as_table()?, rest) }
}

fn text_of<'a>(value: &'a Spanned<DeValue>) -> Option<&'a str> {
    value.get_ref().as_str()
}

fn texts_of(value: &Spanned<DeValue>) -> Vec<String> {
    let values = value.get_ref().as_array().into_iter().flatten();
    values.filter_map(text_of).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pyproject> {
        Pyproject::parse("python-project/pyproject.toml".into(), text)
    }

    #[test]
    fn the_package_is_the_one_that_the_wheel_has() {
        let text = "[project]\nname = 'My-Lab.Project'\n[tool.hatch.build.targets.wheel]\npackages = ['src/lab']\n";
        assert_eq!(parse(text).unwrap().package, "lab");
        assert_eq!(parse("[project]\nname = 'My-Lab.Project'\n").unwrap().package, "my_lab_project");
    }

    #[test]
    fn files_that_the_metadata_needs_are_known() {
        let text = "[project]\nname = 'a'\nreadme = {file = 'DOC.md'}\nlicense = 'MIT'\nlicense-files = ['LICENSE']\n";
        let files: Vec<_> = parse(text).unwrap().metadata_files.into_iter().collect();
        assert_eq!(files, ["DOC.md", "LICENSE"]);
    }

    #[test]
    fn a_mistake_is_shown_with_its_place() {
        let error = parse("[project]\nname = 3\n").unwrap_err().to_string();
        assert!(error.starts_with("python-project/pyproject.toml:2:8: error: `[project]` has no `name`"), "{error}");
        for (text, place) in [("[project]\nversion = '1'\n", "1:1"), ("[project\n", "1:9"), ("", "1:1")] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("python-project/pyproject.toml:{place}: error: ")), "{text}: {error}");
        }
    }
}
