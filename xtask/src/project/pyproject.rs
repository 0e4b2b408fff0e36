//! The Python project's own description: the one source of its names.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

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
    /// Files beside it that the build backend reads for the metadata: readme, licences.
    pub metadata_files: BTreeSet<Utf8PathBuf>,
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
    pub fn parse(file: &Utf8Path, text: &str) -> Result<Self> {
        let document: Document = toml::from_str(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            Findings::from(match error.span() {
                Some(span) => Finding::at(file, Position::of_byte(text, span.start), message),
                None => Finding::about(file, message),
            })
        })?;
        let Document { project, tool } = document;
        let package = tool.hatch.build.targets.wheel.packages.first().and_then(|it| it.file_name());
        Ok(Self {
            package: package.map_or_else(|| import_name(&project.name), str::to_owned),
            metadata_files: project.metadata_files(),
            has_dynamic_version: project.dynamic.iter().any(|it| it == "version"),
            name: project.name,
            text: text.to_owned(),
        })
    }
}

/// The import name that a distribution of this name has by convention.
fn import_name(distribution: &str) -> String {
    distribution.to_lowercase().replace(['-', '.'], "_")
}

#[derive(Deserialize)]
struct Document {
    project: ProjectTable,
    #[serde(default)]
    tool: Tool,
}

/// Source: PyPA's pyproject.toml specification, `[project]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ProjectTable {
    name: String,
    #[serde(default)]
    dynamic: Vec<String>,
    readme: Option<FileOrText>,
    license: Option<FileOrText>,
    #[serde(default)]
    license_files: Vec<String>,
}

impl ProjectTable {
    fn metadata_files(&self) -> BTreeSet<Utf8PathBuf> {
        let readme = match &self.readme {
            Some(FileOrText::Plain(file)) => Some(file),
            Some(FileOrText::Table { file }) => file.as_ref(),
            None => None,
        };
        let license = match &self.license {
            Some(FileOrText::Table { file }) => file.as_ref(),
            // A plain string is an SPDX expression.
            Some(FileOrText::Plain(_)) | None => None,
        };
        readme.into_iter().chain(license).chain(&self.license_files).map(Utf8PathBuf::from).collect()
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FileOrText {
    Plain(String),
    Table { file: Option<String> },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool {
    hatch: Hatch,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Hatch {
    build: HatchBuild,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HatchBuild {
    targets: HatchTargets,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HatchTargets {
    wheel: HatchWheel,
}

/// Source: hatchling's documentation of the wheel builder, option `packages`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct HatchWheel {
    packages: Vec<Utf8PathBuf>,
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
        assert!(error.starts_with("python-project/pyproject.toml:2:8: error: "), "{error}");
    }
}
