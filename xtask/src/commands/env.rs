//! `cargo xtask env`

use anyhow::Result;

use crate::cli::Env;
use crate::context::Context;
use crate::diagnostics::{Finding, Findings, Source};
use crate::fs::{self, NewFile};
use crate::inputs::{self, Files, SettingsFile};
use crate::outcome::Outcome;
use crate::project::{self, Pyproject, SettingsContext};

impl Env {
    /// Creates, completes, changes or shows the settings.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        // What is written depends on what is there, so nobody may change it in between.
        let _lock = if self.writes() && !cx.runner.is_dry_run() { Some(cx.lock()?) } else { None };
        let loaded = Loaded::read(cx)?;
        if self.show {
            return loaded.show(cx);
        }
        loaded.findings.clone().or(())?;
        if !self.set.is_empty() || !self.unset.is_empty() {
            return self.change(cx, &loaded);
        }
        let Loaded { settings_file, .. } = loaded;
        let name = &settings_file.source.file;
        let Some(text) = &settings_file.text else {
            settings_file.create(cx)?;
            return Ok(Outcome::Done);
        };
        match project::added_variables(&settings_file.file, &settings_file.defaults)? {
            None => cx.ui.notice(format_args!("`{name}` is there and complete; nothing was changed")),
            Some((_, missing)) if !self.update => cx.ui.notice(format_args!(
                "`{name}` is there and was not changed; `cargo xtask env --update` would add {}",
                missing.join(", ")
            )),
            Some((_, missing)) if cx.runner.is_dry_run() => {
                cx.ui.notice(format_args!("would add {} to `{name}`", missing.join(", ")));
            }
            Some((addition, missing)) => {
                let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
                write(cx, format!("{text}{newline}{addition}"))?;
                cx.ui.notice(format_args!("added {} to `{name}`", missing.join(", ")));
            }
        }
        Ok(Outcome::Done)
    }

    fn writes(&self) -> bool {
        self.update || !self.set.is_empty() || !self.unset.is_empty()
    }

    /// Changes single settings. A value that is not one is refused before anything is written.
    fn change(&self, cx: &Context, loaded: &Loaded) -> Result<Outcome> {
        let current = loaded.settings_file.or_new()?;
        let mut source = current.clone();
        for assignment in &self.set {
            source = Source::new(&source.file, project::set(&source, &assignment.name, &assignment.value)?);
        }
        for name in &self.unset {
            source = Source::new(&source.file, project::unset(&source, name)?);
        }
        // What was wrong before must not keep anybody from mending something else.
        let old = loaded.findings_of(cx, &current)?;
        let is_new = |it: &&Finding| !old.iter().any(|old| (old.code, &old.message) == (it.code, &it.message));
        loaded.findings_of(cx, &source)?.iter().filter(is_new).cloned().collect::<Findings>().or(())?;
        if loaded.settings_file.text.is_none() {
            loaded.settings_file.create(cx)?;
        }
        let name = &source.file;
        let names: Vec<&str> =
            self.set.iter().map(|it| it.name.as_str()).chain(self.unset.iter().map(String::as_str)).collect();
        let names = names.join(", ");
        if source.text == current.text {
            cx.ui.notice(format_args!("`{name}` has it so already; nothing was changed"));
        } else if cx.runner.is_dry_run() {
            cx.ui.notice(format_args!("would change {names} in `{name}`"));
        } else {
            write(cx, source.text)?;
            cx.ui.notice(format_args!("changed {names} in `{name}`"));
        }
        Ok(Outcome::Done)
    }
}

fn write(cx: &Context, text: String) -> Result<()> {
    fs::write(&cx.layout.env_file(), &NewFile { contents: text.into_bytes(), mode: fs::PRIVATE })
}

/// The settings file, and what is wrong in its lines whatever their values.
struct Loaded {
    pyproject: Option<Pyproject>,
    settings_file: SettingsFile,
    findings: Findings,
}

impl Loaded {
    fn read(cx: &Context) -> Result<Self> {
        let files = Files::read(&cx.layout)?;
        let mut findings = files.findings_of(&[cx.layout.pyproject(), cx.layout.env_file()], &cx.layout);
        let pyproject = files.pyproject.as_ref().and_then(|it| Pyproject::parse(it, &mut findings));
        let machine = || inputs::machine(cx);
        let settings_file = SettingsFile::new(cx, files.env.as_ref(), pyproject.as_ref(), machine, &mut findings)?;
        Ok(Self { pyproject, settings_file, findings })
    }

    fn show(self, cx: &Context) -> Result<Outcome> {
        for line in project::resolved_lines(&self.settings_file.resolution(cx)) {
            cx.ui.data(line);
        }
        let findings = self.findings_of(cx, &self.settings_file.source)?;
        findings.or(Outcome::Done)
    }

    /// What is wrong in a text of the file, its values included.
    fn findings_of(&self, cx: &Context, source: &Source) -> Result<Findings> {
        let Some(pyproject) = &self.pyproject else { return Ok(self.findings.clone()) };
        let mut findings = Findings::default();
        let file = project::EnvFile::parse(source, &mut findings);
        let defaults = if file.is_complete() || !self.settings_file.defaults.is_empty() {
            self.settings_file.defaults.clone()
        } else {
            SettingsFile::defaults(cx, Some(pyproject), || inputs::machine(cx))?
        };
        let resolution = project::Resolution::new(&file, &cx.host, &defaults);
        let context = SettingsContext { layout: &cx.layout, host: &cx.host, pyproject };
        _ = resolution.settings(source, &context, &mut findings);
        Ok(findings)
    }
}
