//! `cargo xtask thaw`

use anyhow::{Error, Result};

use environment::freeze::{self, FreezeAction};
use inputs::Inputs;
use process::{
    Outcome,
    journal::{self, FileChanges},
};
use project::Context;

use crate::cli::ThawArgs;

impl ThawArgs {
    /// Brings back what was asked for.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let (inputs, _lock) = Inputs::load_locked(cx)?;
        let edited = freeze::thaw(&inputs.environment, &self.names).map_err(Error::from)?;
        for change in &edited.changes {
            if let FreezeAction::Restored { from, to } = &change.action {
                cx.ui.notice(format_args!("environment.yml:{} {from} -> {to}", change.line));
            }
        }
        let name = inputs.environment.file();
        if edited.file == inputs.environment {
            cx.ui.notice(format_args!("nothing is frozen in `{name}`; nothing was changed"));
        } else if cx.runner.is_dry_run() {
            cx.ui.notice(format_args!("would write `{name}`"));
        } else {
            let changes = FileChanges::from([(cx.layout.environment_yml(), Some(edited.file.text().to_owned()))]);
            journal::write(&cx.layout.journal(), &changes)?;
            cx.ui.notice(format_args!("wrote `{name}`"));
        }
        Ok(Outcome::Done)
    }
}
