//! `cargo xtask list`

use anyhow::Result;
use serde_json::json;

use environment::{freeze::Pin, snapshot::Snapshot};
use inputs::Project;
use process::Outcome;
use project::Context;

use crate::cli::ListArgs;

/// One installed package.
struct Row {
    list: &'static str,
    name: String,
    version: String,
    build: String,
    /// A channel, a URL or a directory; empty for the index.
    source: String,
}

impl ListArgs {
    /// Prints what is installed.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let taken = locking::take(&project, self.source.from)?;
        let wanted = |row: &Row| (!self.conda || row.list == "conda") && (!self.pip || row.list == "pip");
        let rows: Vec<Row> = rows(&taken.snapshot).into_iter().filter(wanted).collect();
        if self.json {
            for Row { list, name, version, build, source } in rows {
                cx.ui.data(json!({"list": list, "name": name, "version": version, "build": build, "source": source}));
            }
            return Ok(Outcome::Done);
        }
        let cells = |row: Row| [row.name, row.version, row.build, row.list.to_owned(), row.source];
        let heading = ["NAME", "VERSION", "BUILD", "FROM", "SOURCE"].map(str::to_owned);
        cx.ui.table(&[heading].into_iter().chain(rows.into_iter().map(cells)).collect::<Vec<_>>());
        Ok(Outcome::Done)
    }
}

fn rows(snapshot: &Snapshot) -> Vec<Row> {
    let conda = snapshot.conda.iter().map(|it| Row {
        list: "conda",
        name: it.name.clone(),
        version: it.version.clone(),
        build: it.build.clone(),
        source: it.channel.clone().unwrap_or_default(),
    });
    let pip = snapshot.pip().map(|it| Row {
        list: "pip",
        name: it.name.clone(),
        version: it.version.clone(),
        build: String::new(),
        source: match (it.pin(), &it.origin) {
            (Some(Pin::Url(url)), _) => url,
            (None, Some(origin)) => origin.url().to_owned(),
            _ => String::new(),
        },
    });
    conda.chain(pip).collect()
}
