//! `cargo xtask jobs`

use anyhow::Result;
use serde_json::Value;

use inputs::Project;
use jobs::PartName;
use process::Outcome;
use project::Context;

use crate::{
    cli::{JobsAction, JobsArgs},
    submitting::{self, PartRow, RunFolder, RunFolders},
};

impl JobsArgs {
    /// Shows jobs on clusters, or does what is asked with one.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let folders = RunFolders::new(&Project::load(cx)?);
        let found = |part: &PartName| -> Result<RunFolder> {
            let folder = folders.find(&part.id)?;
            folder.require_index(part.index).map(|()| folder)
        };
        match &self.action {
            Some(JobsAction::Logs { part, follow }) => {
                return Ok(Outcome::Ended(submitting::logs(cx, &found(part)?, part, *follow)?));
            }
            Some(JobsAction::Cancel { part }) => submitting::cancel(cx, &found(part)?, part)?,
            Some(JobsAction::Fetch { part }) => submitting::fetch(cx, &found(part)?)?,
            None => {
                let chosen = match &self.id {
                    Some(part) => vec![found(part)?],
                    None => folders.all()?,
                };
                self.show(cx, &chosen)?;
            }
        }
        Ok(Outcome::Done)
    }

    fn show(&self, cx: &Context, folders: &[RunFolder]) -> Result<()> {
        let rows = if self.watch { submitting::watch(cx, folders)? } else { submitting::rows(cx, folders) };
        let index = self.id.as_ref().and_then(|it| it.index);
        let rows: Vec<PartRow> = rows.into_iter().filter(|it| index.is_none() || it.index == index).collect();
        if self.json {
            cx.ui.data(rows.iter().map(PartRow::json).collect::<Value>());
        } else if rows.is_empty() {
            cx.ui.data("no jobs; `cargo xtask submit` sends one to a cluster");
        } else {
            let heading = ["JOB", "SITE", "STATE", "SUBMITTED", "LAST LINE"].map(str::to_owned);
            let line = |it: &PartRow| {
                let last_line = it.last_line.clone().unwrap_or_default();
                [it.name(), it.site.clone(), it.state.to_string(), it.submitted.clone(), last_line]
            };
            cx.ui.table(&[heading].into_iter().chain(rows.iter().map(line)).collect::<Vec<_>>());
        }
        Ok(())
    }
}
