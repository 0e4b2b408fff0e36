//! The repository that projects are made from.

use anyhow::{Context as _, Result};
use camino::Utf8Path;

use super::{Git, ProjectRecord, Rules, TrackedFile, TrackedFiles, read_files, render};

/// The template as a commit has it.
#[derive(Debug)]
pub struct Template {
    pub commit: String,
    pub rules: Rules,
    pub files: TrackedFiles,
}

impl Template {
    /// An error where the commit has no rules, or some that this tool cannot follow.
    pub fn read(git: &Git, commit: &str) -> Result<Self> {
        let rules = read_files(git, commit, |it| it == Rules::PATH)?;
        let rules = rules.get(Utf8Path::new(Rules::PATH)).and_then(TrackedFile::text);
        let rules = rules
            .with_context(|| format!("projects cannot be made of this repository: it has no `{}`", Rules::PATH))?;
        let rules = Rules::parse(rules).with_context(|| format!("`{}`", Rules::PATH))?;
        let files = read_files(git, commit, |it| rules.reads(it))?;
        Ok(Self { commit: commit.to_owned(), rules, files })
    }

    /// The project that was made of this commit with the answers of a record.
    pub fn project(&self, record: &ProjectRecord) -> Result<TrackedFiles> {
        let failed = || format!("no project can be made of the template's commit {}", short(&self.commit));
        render(&self.files, &self.rules, record, None).with_context(failed)
    }
}

/// A commit as people read it.
pub fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

#[cfg(test)]
mod tests {
    use environment::lock::Lock;

    use super::*;

    #[test]
    fn the_page_has_the_format_of_each_file() {
        let page = include_str!("../../../../docs/update.md");
        for (file, key, format) in [
            ("dependencies/lock/…/lock.toml", "version", Lock::VERSION),
            (ProjectRecord::PATH, "format", ProjectRecord::FORMAT),
            (Rules::PATH, "format", Rules::FORMAT),
        ] {
            let row = format!("| `{file}` | `{key}` | `{format}` |\n");
            assert!(page.contains(&row), "docs/update.md does not have {row}");
        }
    }
}
