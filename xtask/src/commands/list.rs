//! `cargo xtask list`

use anyhow::Result;
use serde_json::json;

use environment::{
    freeze::{PackageList, Pin},
    snapshot::Snapshot,
};
use inputs::Project;
use materials::Licence;
use process::Outcome;
use project::Context;

use crate::cli::ListArgs;

/// One installed package.
struct Row {
    list: PackageList,
    name: String,
    version: String,
    build: String,
    /// A channel, a URL or a directory; empty for the index.
    source: String,
    licence: Licence,
}

impl ListArgs {
    /// Prints the installed packages, as a table or as JSON.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let installed = locking::read_snapshot(&project, self.source.from)?;
        let rows = rows(&installed.snapshot).into_iter().filter(|it| self.includes(it.list));
        if self.json {
            for Row { list, name, version, build, source, licence } in rows {
                let mut object =
                    json!({"list": list.name(), "name": name, "version": version, "build": build, "source": source});
                if self.licenses {
                    object["licence"] = json!(licence.to_string());
                }
                cx.ui.data(object);
            }
            return Ok(Outcome::Done);
        }
        if self.licenses {
            let cells = |row: Row| [row.name, row.version, row.list.name().to_owned(), row.licence.to_string()];
            let heading = ["NAME", "VERSION", "FROM", "LICENCE"].map(str::to_owned);
            cx.ui.table(&[heading].into_iter().chain(rows.map(cells)).collect::<Vec<_>>());
            return Ok(Outcome::Done);
        }
        let cells = |row: Row| [row.name, row.version, row.build, row.list.name().to_owned(), row.source];
        let heading = ["NAME", "VERSION", "BUILD", "FROM", "SOURCE"].map(str::to_owned);
        cx.ui.table(&[heading].into_iter().chain(rows.map(cells)).collect::<Vec<_>>());
        Ok(Outcome::Done)
    }

    /// Whether the options let a list through; without `--conda` and `--pip`, both.
    fn includes(&self, list: PackageList) -> bool {
        match list {
            PackageList::Conda => !self.pip,
            PackageList::Pip => !self.conda,
        }
    }
}

fn rows(snapshot: &Snapshot) -> Vec<Row> {
    let conda = snapshot.conda.iter().map(|it| Row {
        list: PackageList::Conda,
        name: it.name.clone(),
        version: it.version.clone(),
        build: it.build.clone(),
        source: it.channel.clone().unwrap_or_default(),
        licence: Licence::of(&it.licence),
    });
    let pip = snapshot.pip().map(|it| Row {
        list: PackageList::Pip,
        name: it.name.clone(),
        version: it.version.clone(),
        build: String::new(),
        source: match (it.pin(), &it.origin) {
            (Some(Pin::Url(url)), _) => url,
            (None, Some(origin)) => origin.url().to_owned(),
            _ => String::new(),
        },
        licence: Licence::of(&it.licence),
    });
    conda.chain(pip).collect()
}
