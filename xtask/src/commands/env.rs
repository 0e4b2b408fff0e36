//! `cargo xtask env`

use anyhow::Result;

use crate::cli::Env;
use crate::context::Context;
use crate::fs::{self, NewFile};
use crate::outcome::Outcome;
use crate::project::{self, Pyproject, Resolution};

impl Env {
    /// Creates, completes or shows the settings.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        // What is added depends on what is there, so nobody may change it in between.
        let _lock = if self.update && !cx.runner.is_dry_run() { Some(cx.lock()?) } else { None };
        let pyproject = Pyproject::load(&cx.layout)?;
        let source = cx.settings_source(&pyproject)?;
        let name = cx.layout.relative(&cx.layout.env_file());
        if self.show {
            let resolution = Resolution::new(&source.file, &cx.host, &source.defaults);
            for line in project::resolved_lines(&resolution) {
                cx.ui.data(line);
            }
            let mut findings = source.findings;
            findings.collect(resolution.settings(&cx.layout, &cx.host, &pyproject))?;
            return findings.or(Outcome::Done);
        }
        source.findings.or(())?;
        let Some(text) = source.text else {
            cx.create_env_file(&source.defaults)?;
            return Ok(Outcome::Done);
        };
        match project::added_variables(&source.file, &source.defaults)? {
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
                let contents = format!("{text}{newline}{addition}").into_bytes();
                fs::write(&cx.layout.env_file(), &NewFile { contents, mode: fs::PRIVATE })?;
                cx.ui.notice(format_args!("added {} to `{name}`", missing.join(", ")));
            }
        }
        Ok(Outcome::Done)
    }
}
