//! The settings file with the defaults that complete it.

use std::collections::BTreeSet;

use anyhow::Result;

use process::{
    FileAction, IntoSet as _,
    files::{self, NewFile},
};
use project::{self, Context, DefaultSources, Defaults, EnvFile, Machine, Pyproject, Resolution};
use report::{Findings, Source};

use super::files::InputFiles;

/// The settings file and the defaults that complete it.
#[derive(Debug)]
pub struct SettingsFile {
    /// `None` where the file does not exist.
    pub text: Option<String>,
    /// The text for findings: of the file, or of the one of the main worktree where this is another that has none yet.
    pub source: Source,
    pub file: EnvFile,
    /// The variables that the addresses of `environment.yml` and `compose.override.yaml` name, which the file may set.
    pub(super) of_other_files: BTreeSet<String>,
    /// This machine's defaults; empty when the file is complete.
    pub defaults: Defaults,
}

impl SettingsFile {
    /// Parses the file, and calls `machine` where it lacks a variable.
    pub(super) fn new(
        cx: &Context,
        files: &InputFiles,
        pyproject: Option<&Pyproject>,
        machine: impl FnOnce() -> Result<Machine>,
        findings: &mut Findings,
    ) -> Result<Self> {
        let env = files.env.as_ref();
        let name = cx.layout.relative(&cx.layout.env_file());
        let inherited = if env.is_none() { inherited(cx, pyproject)? } else { None };
        let empty = || Source::new(&name, inherited.as_deref().unwrap_or_default());
        let source = env.and_then(|it| it.source.clone()).unwrap_or_else(empty);
        let file = EnvFile::parse(&source, findings);
        let environment = files.environment.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
        let mut of_other_files: BTreeSet<String> = environment::variables_in(environment).map(str::to_owned).into_set();
        // What is wrong with the file, compose says.
        let overriding = files::read_text_if_any(&cx.layout.compose_override()).ok().flatten().unwrap_or_default();
        of_other_files.extend(variables_in(&overriding).map(str::to_owned));
        file.check_known(&source, &of_other_files, findings);
        let defaults = if file.is_complete() { Defaults::new() } else { Self::defaults(cx, pyproject, machine)? };
        Ok(Self { text: env.map(|_| source.text.clone()), source, file, of_other_files, defaults })
    }

    /// The defaults on a machine; none without `pyproject`, because they have the project's names in them.
    pub(super) fn defaults(
        cx: &Context,
        pyproject: Option<&Pyproject>,
        machine: impl FnOnce() -> Result<Machine>,
    ) -> Result<Defaults> {
        match pyproject {
            Some(pyproject) => {
                let (root, host) = (cx.layout.root(), &cx.host);
                Ok(project::defaults(DefaultSources { machine: &machine()?, pyproject, root, host }))
            }
            None => Ok(Defaults::new()),
        }
    }

    pub fn resolution(&self, cx: &Context) -> Resolution {
        Resolution::new(&self.file, &cx.host, &self.defaults)
    }

    /// The file as it is, or as it would be created.
    pub(super) fn source_or_new(&self) -> Result<Source> {
        match self.text {
            Some(_) => Ok(self.source.clone()),
            None if self.is_inherited() => Ok(self.source.clone()),
            None => Ok(Source::new(&self.source.file, EnvFile::render(&self.defaults)?)),
        }
    }

    fn is_inherited(&self) -> bool {
        self.text.is_none() && !self.source.text.is_empty()
    }

    /// Creates the file. Never overwrites one.
    pub fn create(&self, cx: &Context) -> Result<()> {
        let name = &self.source.file;
        let contents = self.source_or_new()?.text.into_bytes();
        if cx.files.write_new(&cx.layout.env_file(), &NewFile { contents, mode: files::PRIVATE })? {
            if self.is_inherited() {
                let of = "the settings of the repository's main worktree";
                cx.ui.report_action(FileAction::Create, format_args!("`{name}` with {of}"));
                return Ok(());
            }
            let exported = project::exported_names(&cx.host).collect::<Vec<_>>().join(", ");
            let exported = if exported.is_empty() { exported } else { format!(" and your shell's {exported}") };
            cx.ui.report_action(FileAction::Create, format_args!("`{name}` with this machine's defaults{exported}"));
        }
        Ok(())
    }
}

/// What the settings of a new worktree are.
fn inherited(cx: &Context, pyproject: Option<&Pyproject>) -> Result<Option<String>> {
    let root = cx.layout.root();
    let Some((main, pyproject)) = project::main_worktree(root).zip(pyproject) else { return Ok(None) };
    let file = cx.layout.relative(&cx.layout.env_file());
    // Somebody else's main worktree may not be readable, and then says nothing.
    let Some(text) = files::read_text_if_any(&main.join(&file)).ok().flatten() else { return Ok(None) };
    project::inherited(&Source::new(&file, &text), root, pyproject).map(Some)
}

/// The names in `$NAME`, `${NAME}` and `${NAME:-…}` of a compose file.
fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(rest.len());
        Some(&rest[..end]).filter(|it| it.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_of_a_compose_file_is_found() {
        let text = "image: ${A}/x:$B\nports: [\"${C:-80}:80\"]\ncommand: $$HOME ${D?say} $1\n";
        let found: Vec<&str> = variables_in(text).collect();
        assert_eq!(found, ["A", "B", "C", "HOME", "D"]);
    }
}
