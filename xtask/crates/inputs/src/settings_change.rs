//! Changes to single settings in their file.

use std::iter::once;

use anyhow::Result;

use process::{
    FileAction, IntoMap as _,
    files::{self, NewFile},
};
use project::{self, Context, Pyproject, Settings, SettingsContext};
use report::{Finding, Findings, Source};

use super::{InputFiles, SettingsFile, machine};

/// Writes the settings file, which only its owner may read. The caller holds the repository's lock.
pub fn write(cx: &Context, text: String) -> Result<()> {
    let file = NewFile { contents: text.into_bytes(), mode: files::PRIVATE };
    cx.files.write_together(&cx.layout.journal(), &once((cx.layout.env_file(), Some(file))).into_map())
}

/// The settings file before a change.
#[derive(Debug)]
pub struct LoadedSettings {
    pub settings_file: SettingsFile,
    /// What is wrong in the lines, whatever the values mean.
    pub findings: Findings,
    pyproject: Option<Pyproject>,
}

impl LoadedSettings {
    /// Reads the settings file and what its defaults are derived from.
    pub fn read(cx: &Context) -> Result<Self> {
        let files = InputFiles::read(&cx.layout)?;
        let mut findings = files.findings_of(&[cx.layout.pyproject(), cx.layout.env_file()], &cx.layout);
        let pyproject = files.pyproject.as_ref().and_then(|it| Pyproject::parse(it, &mut findings));
        let machine = || machine(cx);
        let settings_file = SettingsFile::new(cx, &files, pyproject.as_ref(), machine, &mut findings)?;
        Ok(Self { settings_file, findings, pyproject })
    }

    /// Sets and removes variables and says so. An invalid value is refused before anything is written.
    pub fn change(&self, cx: &Context, set: &[(&str, &str)], unset: &[String]) -> Result<()> {
        let current = self.settings_file.source_or_new()?;
        let mut source = current.clone();
        for (name, value) in set {
            source = Source::new(&source.file, project::set_variable(&source, name, value)?);
        }
        for name in unset {
            let removed = Source::new(&source.file, project::unset_variable(&source, name)?);
            // What is made of it needs its value.
            let is_used = removed.text.contains(&format!("${{{name}}}"));
            source = match self.default_of(cx, name)?.filter(|_| is_used) {
                Some(default) => Source::new(&source.file, project::set_variable(&source, name, &default)?),
                None => removed,
            };
        }
        // Other mistakes in the file must not keep anybody from correcting one.
        let (before, old) = self.meaning_of(cx, &current)?;
        let is_new = |it: &&Finding| !old.iter().any(|old| (old.code, &old.message) == (it.code, &it.message));
        let (after, new) = self.meaning_of(cx, &source)?;
        new.iter().filter(is_new).cloned().collect::<Findings>().into_result(())?;
        if self.settings_file.text.is_none() {
            self.settings_file.create(cx)?;
        }
        let name = &source.file;
        let names: Vec<&str> = set.iter().map(|(name, _)| *name).chain(unset.iter().map(String::as_str)).collect();
        let names = names.join(", ");
        if source.text == current.text {
            cx.ui.notice(format_args!("`{name}` says so already; nothing was changed"));
        } else {
            write(cx, source.text)?;
            cx.ui.report_action(FileAction::Change, format_args!("{names} in `{name}`"));
            if let Some((old, new)) = before.zip(after).filter(|(old, new)| old.image != new.image) {
                let (old, new) = (old.image, new.image);
                cx.ui.notice(format_args!(
                    "images are called `{new}` now; `docker image ls {old}` shows those of before"
                ));
            }
        }
        Ok(())
    }

    fn default_of(&self, cx: &Context, name: &str) -> Result<Option<String>> {
        let defaults = SettingsFile::defaults(cx, self.pyproject.as_ref(), || machine(cx))?;
        Ok(defaults.get(name).cloned())
    }

    /// The findings about a text of the file and its values.
    pub fn findings_of(&self, cx: &Context, source: &Source) -> Result<Findings> {
        self.meaning_of(cx, source).map(|it| it.1)
    }

    /// What a text of the file means, where it has no error, and the findings about it.
    fn meaning_of(&self, cx: &Context, source: &Source) -> Result<(Option<Settings>, Findings)> {
        let Some(pyproject) = &self.pyproject else { return Ok((None, self.findings.clone())) };
        let mut findings = Findings::default();
        let file = project::EnvFile::parse(source, &mut findings);
        file.check_known(source, &self.settings_file.of_other_files, &mut findings);
        let defaults = if file.is_complete() || !self.settings_file.defaults.is_empty() {
            self.settings_file.defaults.clone()
        } else {
            SettingsFile::defaults(cx, Some(pyproject), || machine(cx))?
        };
        let resolution = project::Resolution::new(&file, &cx.host, &defaults);
        let context = SettingsContext { layout: &cx.layout, host: &cx.host, pyproject };
        let settings = resolution.settings(source, &context, &mut findings);
        Ok((settings, findings))
    }
}
