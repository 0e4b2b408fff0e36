//! `cargo xtask env`

use anyhow::Result;

use inputs::{self, LoadedSettings};
use process::{FileAction, Outcome};
use project::{self, Context};

use crate::cli::SettingsArgs;

impl SettingsArgs {
    /// Creates, completes, changes or shows the settings.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        // What is written depends on what is there, so nobody may change it in between.
        let _lock = if self.writes() { Some(inputs::lock_to_change(cx)?) } else { None };
        let loaded = LoadedSettings::read(cx)?;
        if self.show {
            return show(cx, &loaded);
        }
        loaded.findings.clone().into_result(())?;
        if !self.set.is_empty() || !self.unset.is_empty() {
            let assignments = self.set.iter().map(|it| (it.name.as_str(), it.value.as_str()));
            loaded.change(cx, &assignments.collect::<Vec<_>>(), &self.unset)?;
            return Ok(Outcome::Done);
        }
        let LoadedSettings { settings_file, .. } = loaded;
        let name = &settings_file.source.file;
        let Some(text) = &settings_file.text else {
            settings_file.create(cx)?;
            return Ok(Outcome::Done);
        };
        match project::added_variables(&settings_file.file, &settings_file.defaults)? {
            None => cx.ui.notice(format_args!("`{name}` is up to date; nothing was changed")),
            Some((_, missing)) if !self.update => cx.ui.notice(format_args!(
                "`{name}` was not changed; `cargo xtask env --update` adds {}",
                missing.join(", ")
            )),
            Some((addition, missing)) => {
                let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
                inputs::write_settings(cx, format!("{text}{newline}{addition}"))?;
                cx.ui.report_action(FileAction::Add, format_args!("{} to `{name}`", missing.join(", ")));
            }
        }
        Ok(Outcome::Done)
    }

    fn writes(&self) -> bool {
        self.update || !self.set.is_empty() || !self.unset.is_empty()
    }
}

fn show(cx: &Context, loaded: &LoadedSettings) -> Result<Outcome> {
    for line in project::resolved_lines(&loaded.settings_file.resolution(cx)) {
        cx.ui.data(line);
    }
    let findings = loaded.findings_of(cx, &loaded.settings_file.source)?;
    Ok(findings.into_result(Outcome::Done)?)
}
