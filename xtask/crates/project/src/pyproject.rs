//! The Python project's own description: the one source of its names.

use std::collections::BTreeSet;

use camino::Utf8Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use process::IntoSet as _;
use report::{Code, Findings, Source, Span, parses};

/// What this tool reads in `python-project/pyproject.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pyproject {
    /// The distribution's name, as written.
    pub name: String,
    /// The importable package.
    pub package: String,
    /// The files that the build backend reads for the metadata, such as the readme and licences: patterns (PEP 639), relative
    /// to the Python project.
    pub metadata_files: BTreeSet<String>,
    /// Whether the version is in the package's code.
    pub has_dynamic_version: bool,
    /// `link-scripts` of `[tool.xtask]`: the conda packages whose post-link scripts may run.
    pub link_scripts: Vec<String>,
    /// A version specifier of PEP 440, not parsed yet, and its place.
    pub requires_python: Option<(String, Span)>,
    /// The place of the package's name, or of the project's where the former follows from it.
    pub package_at: Span,
    pub text: String,
}

impl Pyproject {
    /// Parses the project's file; `None`, with a finding, where it does not have the project's name.
    ///
    /// Sources: PyPA's pyproject.toml specification for `[project]`, hatchling's documentation of the wheel builder for
    /// `packages`.
    pub fn parse(source: &Source, findings: &mut Findings) -> Option<Self> {
        parses::note(&source.file, &source.text);
        let document = DeTable::parse(&source.text)
            .map_err(|error| {
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                findings.push(source.at(Code::TomlSyntax, source.span(error.span().unwrap_or_default()), message));
            })
            .ok()?;
        let document = document.get_ref();
        let project = find(document, &["project"]).and_then(|it| it.get_ref().as_table());
        let name = project.and_then(|it| it.get("name"));
        let Some((name, name_text)) = name.and_then(|it| Some((it, text_of(it)?))) else {
            let place = name.or_else(|| find(document, &["project"])).map_or(0..0, Spanned::span);
            let finding = source.at(Code::ProjectName, source.span(place), "`[project]` has no `name` that is text");
            findings.push(finding.help("write `name = \"my-project\"` below `[project]`"));
            return None;
        };
        let packages = find(document, &["tool", "hatch", "build", "targets", "wheel", "packages"]);
        let package = packages
            .map(texts_of)
            .unwrap_or_default()
            .first()
            .and_then(|it| Utf8Path::new(it).file_name().map(str::to_owned));
        let dynamic = find(document, &["project", "dynamic"]).map(texts_of).unwrap_or_default();
        let requires_python = find(document, &["project", "requires-python"])
            .and_then(|it| Some((text_of(it)?.to_owned(), source.span(it.span()))));
        Some(Self {
            name: name_text.to_owned(),
            package_at: source.span(packages.filter(|_| package.is_some()).unwrap_or(name).span()),
            package: package.unwrap_or_else(|| import_name(name_text)),
            metadata_files: metadata_files(document),
            has_dynamic_version: dynamic.iter().any(|it| it == "version"),
            link_scripts: find(document, &["tool", "xtask", "link-scripts"]).map(texts_of).unwrap_or_default(),
            requires_python,
            text: source.text.clone(),
        })
    }
}

/// The import name that a distribution of this name has by convention.
fn import_name(distribution: &str) -> String {
    distribution.to_lowercase().replace(['-', '.'], "_")
}

fn metadata_files(document: &DeTable) -> BTreeSet<String> {
    // A plain `license` is an SPDX expression, and no file; a plain `readme` is one.
    let named = [&["project", "readme"][..], &["project", "readme", "file"], &["project", "license", "file"]];
    let named =
        named.into_iter().filter_map(|path| find(document, path)).filter_map(text_of).map(glob::Pattern::escape);
    let patterns = find(document, &["project", "license-files"]).map(texts_of).unwrap_or_default();
    named.chain(patterns).into_set()
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

    fn parse(text: &str) -> Result<Pyproject, String> {
        let mut findings = Findings::default();
        let pyproject = Pyproject::parse(&Source::new("pyproject.toml", text), &mut findings);
        pyproject.ok_or_else(|| findings.to_string())
    }

    #[test]
    fn the_package_is_the_one_that_the_wheel_has() {
        let text = "[project]\nname = 'My-Lab.Project'\n[tool.hatch.build.targets.wheel]\npackages = ['src/lab']\n";
        assert_eq!(parse(text).unwrap().package, "lab");
        assert_eq!(parse("[project]\nname = 'My-Lab.Project'\n").unwrap().package, "my_lab_project");
    }

    #[test]
    fn files_that_the_metadata_needs_are_found() {
        let text = "[project]\nname = 'a'\nreadme = {file = 'DOC.md'}\nlicense = 'MIT'\nlicense-files = ['LICENSE']\n";
        let files: Vec<_> = parse(text).unwrap().metadata_files.into_iter().collect();
        assert_eq!(files, ["DOC.md", "LICENSE"]);
    }

    #[test]
    fn a_mistake_is_shown_with_its_place() {
        let error = parse("[project]\nname = 3\n").unwrap_err();
        assert!(error.starts_with("pyproject.toml:2:8: error[E0602]: `[project]` has no `name`"), "{error}");
        for (text, place) in [("[project]\nversion = '1'\n", "1:1"), ("[project\n", "1:9"), ("", "1:1")] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("pyproject.toml:{place}: error[E060")), "{text}: {error}");
        }
    }
}
