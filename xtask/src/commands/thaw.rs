//! `cargo xtask thaw`

use std::iter::once;

use anyhow::{Error, Result};

use environment::freeze::{self, FreezeAction};
use inputs::Project;
use process::{FileAction, IntoMap as _, Outcome, files::NewFile};
use project::Context;

use crate::cli::ThawArgs;

impl ThawArgs {
    /// Restores in environment.yml what stood there before `freeze`.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let (project, _lock) = Project::load_locked(cx)?;
        let edited = freeze::thaw(&project.environment, &self.names).map_err(Error::from)?;
        for change in &edited.changes {
            if let FreezeAction::Restored { from, to } = &change.action {
                cx.ui.notice(format_args!("environment.yml:{} {from} -> {to}", change.line));
            }
        }
        let name = project.environment.file();
        if edited.file == project.environment {
            cx.ui.notice(format_args!("nothing is frozen in `{name}`; nothing was changed"));
        } else {
            let changes = once((cx.layout.environment_yml(), Some(NewFile::text(edited.file.text())))).into_map();
            cx.files.write_together(&cx.layout.journal(), &changes)?;
            cx.ui.report_action(FileAction::Write, format_args!("`{name}`"));
        }
        Ok(Outcome::Done)
    }
}
