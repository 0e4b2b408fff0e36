//! The settings file with the defaults that complete it.

use std::collections::BTreeSet;

use anyhow::Result;

use process::{
    FileAction,
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
    /// The text for findings; empty where there is none.
    pub source: Source,
    pub file: EnvFile,
    /// The variables that the addresses of `environment.yml` name, which the file may set.
    pub(super) of_addresses: BTreeSet<String>,
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
        let empty = || Source::new(&name, "");
        let source = env.and_then(|it| it.source.clone()).unwrap_or_else(empty);
        let file = EnvFile::parse(&source, findings);
        let environment = files.environment.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
        let of_addresses = environment::variables_in(environment).map(str::to_owned).collect();
        file.check_known(&source, &of_addresses, findings);
        let defaults = if file.is_complete() { Defaults::new() } else { Self::defaults(cx, pyproject, machine)? };
        Ok(Self { text: env.map(|_| source.text.clone()), source, file, of_addresses, defaults })
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
            None => Ok(Source::new(&self.source.file, EnvFile::render(&self.defaults)?)),
        }
    }

    /// Creates the file. Never overwrites one.
    pub fn create(&self, cx: &Context) -> Result<()> {
        let name = &self.source.file;
        let contents = self.source_or_new()?.text.into_bytes();
        if cx.files.write_new(&cx.layout.env_file(), &NewFile { contents, mode: files::PRIVATE })? {
            let exported = project::exported_names(&cx.host).collect::<Vec<_>>().join(", ");
            let exported = if exported.is_empty() { exported } else { format!(" and your shell's {exported}") };
            cx.ui.report_action(FileAction::Create, format_args!("`{name}` with this machine's defaults{exported}"));
        }
        Ok(())
    }
}
