//! The repository and the ways to act on it, which every verb gets.

use anyhow::Result;

use process::{
    Dialect, Echo, Files, HostEnvironment, Runner, Ui,
    files::{RepositoryLock, Scratch},
};
use report::{Findings, Format};

use crate::Layout;

/// The repository and the doors to the world. Each door obeys `--dry-run` by itself.
#[derive(Debug)]
pub struct Context {
    pub layout: Layout,
    pub runner: Runner,
    pub files: Files,
    /// Writes what queries read, in `target/xtask/`.
    pub scratch: Scratch,
    pub ui: Ui,
    /// The variables that this program was started with.
    pub host: HostEnvironment,
}

impl Context {
    pub fn new(layout: Layout, echo: Echo, ui: Ui, host: HostEnvironment) -> Self {
        let (runner, files, scratch) =
            (Runner::new(echo, ui), Files::new(echo, layout.root()), Scratch::new(layout.root(), layout.work()));
        Self { layout, runner, files, scratch, ui, host }
    }

    /// The same, where all that is asked of a program is said in another's words.
    #[must_use]
    pub fn speaking(self, dialect: &'static dyn Dialect) -> Self {
        Self { runner: self.runner.speaking(dialect), ..self }
    }

    /// Whether nothing may be changed. The doors see to that; this is for callers that need the result of a change.
    pub fn is_dry_run(&self) -> bool {
        self.runner.is_dry_run()
    }

    /// Shows findings to the user, on stderr; nothing where there are none.
    pub fn report(&self, findings: &Findings) {
        if !findings.is_empty() {
            self.ui.draw(Format::Pretty { colour: self.ui.shows_colours_on_stderr() }.render(findings));
        }
    }

    /// Keeps other invocations of this tool from changing the repository meanwhile.
    pub fn lock(&self) -> Result<RepositoryLock> {
        self.files.lock(&self.layout.lock(), self.ui)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use camino::{Utf8Path, Utf8PathBuf};
    use process::{Invocation, files::NewFile};

    use super::*;

    /// A command as somebody writes it who has never heard of `--dry-run`.
    fn thoughtless(cx: &Context) -> Result<()> {
        let _lock = cx.lock()?;
        cx.files.write(&cx.layout.environment_yml(), &NewFile::text("dependencies: []\n"))?;
        cx.files.remove_dir(&cx.layout.docker())?;
        cx.files.create_dir(&cx.layout.root().join("new"))?;
        cx.runner.succeed(&Invocation::new("rm").args(["-r", cx.layout.root().as_str()]))?;
        Ok(())
    }

    #[test]
    fn a_command_that_does_not_think_of_dry_runs_changes_nothing_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(folder.path().to_owned()).unwrap();
        for file in ["dependencies/environment.yml", "installation/docker-amd64/Dockerfile", "xtask/Cargo.toml"] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), file).unwrap();
        }
        let before = tree(&root);
        let context =
            |echo| Context::new(Layout::find(&root).unwrap(), echo, Ui::new(true, true), HostEnvironment::default());
        thoughtless(&context(Echo::DryRun)).unwrap();
        assert_eq!(tree(&root), before);
        thoughtless(&context(Echo::Quiet)).unwrap();
        assert!(!root.exists(), "the test no longer changes anything");
    }

    fn tree(directory: &Utf8Path) -> BTreeMap<Utf8PathBuf, String> {
        let mut files = BTreeMap::new();
        for entry in directory.read_dir_utf8().unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                files.insert(entry.path().to_owned(), String::new());
                files.extend(tree(entry.path()));
            } else {
                files.insert(entry.path().to_owned(), fs::read_to_string(entry.path()).unwrap());
            }
        }
        files
    }
}
