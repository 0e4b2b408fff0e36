//! How far jobs are, as they are shown and waited for.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use jobs::RunState;
use process::{Exit, NOT_STARTED, ProcessError, stop_signal};
use project::Context;

use super::{RunFolder, engine};

/// How often an engine is asked while somebody waits.
const INTERVAL: Duration = Duration::from_secs(2);

/// One part of a job, or a job that is no array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    pub id: String,
    pub index: Option<u32>,
    pub site: String,
    pub state: RunState,
    pub submitted: String,
    pub last_line: Option<String>,
}

impl PartRow {
    /// As the verbs take it.
    pub fn name(&self) -> String {
        self.index.map_or_else(|| self.id.clone(), |it| format!("{}/{it}", self.id))
    }

    pub fn json(&self) -> Value {
        json!({
            "id": self.id, "index": self.index, "site": self.site, "state": self.state.word(),
            "exit_code": self.state.code(), "description": self.state.to_string(), "submitted": self.submitted,
            "last_line": self.last_line,
        })
    }
}

/// All parts of these jobs. Each engine is asked once.
pub fn rows(cx: &Context, folders: &[RunFolder]) -> Vec<PartRow> {
    let unfinished: Vec<RunFolder> = folders.iter().filter(|it| !has_ended_by_itself(it)).cloned().collect();
    let states = engine::states(cx, &unfinished);
    let row = |folder: &RunFolder, index: u32| {
        let record = &folder.record;
        let state = RunState::of(states.get(&(record.id.clone(), index)), &folder.written(index));
        PartRow {
            id: record.id.clone(),
            index: record.parts.map(|_| index),
            site: record.site.clone(),
            state,
            submitted: record.submitted.clone(),
            last_line: folder.last_line(index),
        }
    };
    folders.iter().flat_map(|folder| folder.record.indices().map(move |index| row(folder, index))).collect()
}

/// Whether nothing is to be asked: every task has left its code, and none wants to run again.
fn has_ended_by_itself(folder: &RunFolder) -> bool {
    folder.record.indices().all(|index| {
        let written = folder.written(index);
        written.codes.len() == written.tasks && written.codes.iter().all(|it| *it == 0)
    })
}

/// Waits until every part has come to an end. The highest of the codes is the job's, as Slurm has it; a part that was
/// stopped or lost has none, which is a failure of its own.
pub fn await_end(cx: &Context, folders: &[RunFolder]) -> Result<Exit> {
    let rows = watch(cx, folders)?;
    let code = |it: &PartRow| it.state.code().unwrap_or(NOT_STARTED);
    Ok(rows.iter().map(code).max().map_or(Exit::SUCCESS, Exit::Code))
}

/// Asks again and again until every part has come to an end, and tells of each change in a line; on a terminal, how many parts
/// are how far is below them.
pub fn watch(cx: &Context, folders: &[RunFolder]) -> Result<Vec<PartRow>> {
    let mut told: BTreeMap<String, RunState> = BTreeMap::new();
    loop {
        let rows = rows(cx, folders);
        let is_watched = cx.ui.is_watched();
        if is_watched {
            cx.ui.show_status("");
        }
        for row in &rows {
            if told.insert(row.name(), row.state.clone()).as_ref() != Some(&row.state) {
                cx.ui.notice(format_args!("{}: {}", row.name(), row.state));
            }
        }
        if rows.iter().all(|it| it.state.is_final()) {
            return Ok(rows);
        }
        if is_watched {
            cx.ui.show_status(summary(&rows));
        }
        thread::sleep(INTERVAL);
        if let Some(signal) = stop_signal() {
            return Err(ProcessError::Interrupted(signal).into());
        }
    }
}

/// Such as `2 running, 6 waiting`.
fn summary(rows: &[PartRow]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.state.word()).or_default() += 1;
    }
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}
