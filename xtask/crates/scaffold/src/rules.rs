//! What of this repository is for projects: `xtask/template/rules.toml`, which has a version with it, as every file has.

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use glob::{MatchOptions, Pattern};
use toml::de::DeTable;

use super::{
    ProjectNames,
    toml_reading::{pairs, table, tables, text, texts},
};

/// The rules of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The names that a project's own take the place of.
    pub names: ProjectNames,
    /// `requires-python`, as pyproject.toml has it.
    pub requires_python: String,
    /// The Python that environment.yml lists.
    pub listed_python: String,
    dropped: Vec<Pattern>,
    kept: Vec<Pattern>,
    tool_tests: Vec<Pattern>,
    not_renamed: Vec<Pattern>,
    owned: Vec<Pattern>,
    /// Which files of a project are made of which texts.
    pub texts: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// The files with the texts of licenses, by their SPDX identifiers.
    pub licenses: Vec<(String, Utf8PathBuf)>,
    /// What goes with the tool's tests.
    pub edits: Vec<FileEdit>,
}

/// Text that takes the place of other text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    pub file: Utf8PathBuf,
    /// It stands in the file once.
    pub from: String,
    pub to: String,
}

impl Rules {
    /// Grows when an older tool could not follow the rules.
    pub const FORMAT: &str = "1";
    /// Where they are in a repository that projects are made from.
    pub const PATH: &str = "xtask/template/rules.toml";

    pub fn parse(text_of_file: &str) -> Result<Self> {
        let document = DeTable::parse(text_of_file)
            .map_err(|error| anyhow::anyhow!("{}", error.message().lines().collect::<Vec<_>>().join("; ")))?;
        let document = document.get_ref();
        let required = |parent: Option<&DeTable>, key: &str| {
            parent.and_then(|it| text(it, key)).map(str::to_owned).with_context(|| format!("`{key}` is missing"))
        };
        if text(document, "format") != Some(Self::FORMAT) {
            bail!("it has another `format`, which only the `cargo xtask` beside it can read");
        }
        let (names, python) = (table(document, "names"), table(document, "python"));
        let patterns = |key: &str| -> Result<Vec<Pattern>> {
            let files = table(document, "files").map(|it| texts(it, key)).unwrap_or_default();
            files.iter().map(|it| Pattern::new(it).with_context(|| format!("`{it}` is not a pattern"))).collect()
        };
        let edit = |it: &DeTable| {
            Ok(FileEdit {
                file: required(Some(it), "file")?.into(),
                from: required(Some(it), "from")?,
                to: required(Some(it), "to")?,
            })
        };
        Ok(Self {
            names: ProjectNames {
                distribution: required(names, "distribution")?,
                package: required(names, "package")?,
            },
            requires_python: required(python, "requires")?,
            listed_python: required(python, "listed")?,
            dropped: patterns("dropped")?,
            kept: patterns("kept")?,
            tool_tests: patterns("tool-tests")?,
            not_renamed: patterns("not-renamed")?,
            owned: patterns("owned")?,
            texts: pairs(document, "texts").into_iter().map(|(file, text)| (file.into(), text.into())).collect(),
            licenses: pairs(document, "licenses").into_iter().map(|(name, text)| (name, text.into())).collect(),
            edits: tables(document, "edits").map(edit).collect::<Result<_>>()?,
        })
    }

    /// Whether a file is for a project.
    pub fn travels(&self, path: &Utf8Path, keeps_tool_tests: bool) -> bool {
        let is_dropped = matches_any(&self.dropped, path) && !matches_any(&self.kept, path);
        !is_dropped && (keeps_tool_tests || !matches_any(&self.tool_tests, path))
    }

    /// Whether the repository's names in a file are a project's.
    pub fn renames(&self, path: &Utf8Path) -> bool {
        !matches_any(&self.not_renamed, path)
    }

    /// Whether a file is the user's, once there is a project.
    pub fn is_owned(&self, path: &Utf8Path) -> bool {
        matches_any(&self.owned, path)
    }

    /// Whether somebody has to look at the contents of a file who makes a project.
    pub fn reads(&self, path: &Utf8Path) -> bool {
        let is_text = self.texts.iter().any(|it| it.1 == path) || self.licenses.iter().any(|it| it.1 == path);
        let is_edited = self.edits.iter().any(|it| it.file == path);
        is_text || is_edited || self.renames(path) || path.file_name() == Some("Cargo.toml")
    }
}

/// `*` stays in a folder, `**` does not.
fn matches_any(patterns: &[Pattern], path: &Utf8Path) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    patterns.iter().any(|it| it.matches_with(path.as_str(), options))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "format = '1'\n[names]\ndistribution = 'a-b'\npackage = 'a_b'\n[python]\nrequires = '>=3.11'\n\
                         listed = 'python>=3.11'\n[files]\ndropped = ['.ci/**', 'docs/*.md']\nkept = ['docs/b.md']\ntool-tests = ['x/*/tests/**']\n\
                         not-renamed = ['x/**']\n[texts]\n'R.md' = 'x/r.md'\n[[edits]]\nfile = 'C'\nfrom = 'a'\nto = ''\n";

    #[test]
    fn patterns_say_what_travels() {
        let rules = Rules::parse(RULES).unwrap();
        for (path, travels) in [
            (".ci/a/b", false),
            ("docs/a.md", false),
            ("docs/a/b.md", true),
            ("docs/b.md", true),
            ("x/crate/tests/data/a", false),
            ("x/a/crate/tests/b", true),
            ("R.md", true),
        ] {
            assert_eq!(rules.travels(path.into(), false), travels, "{path}");
        }
        assert!(rules.travels("x/crate/tests/data/a".into(), true) && !rules.travels(".ci/a".into(), true));
        assert!(rules.reads("x/r.md".into()) && rules.reads("R.md".into()) && !rules.reads("x/a.rs".into()));
    }

    #[test]
    fn rules_that_cannot_be_followed_say_why() {
        for (text, why) in [
            ("format = '2'\n", "another `format`"),
            ("format = '1'\n", "`distribution` is missing"),
            (&RULES.replace("'.ci/**'", "'***'"), "`***` is not a pattern"),
            (&RULES.replace("to = ''", ""), "`to` is missing"),
            ("format", ""),
        ] {
            let error = format!("{:#}", Rules::parse(text).unwrap_err());
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
