//! `cargo xtask audit`

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use serde_json::json;

use inputs::{InputFiles, Project};
use materials::{Audit, CalendarDate, Exceptions, Vulnerability};
use process::Outcome;
use project::Context;
use report::{Findings, Source};

use crate::{
    cli::AuditArgs,
    supplying::{read_database, read_inventory},
};

impl AuditArgs {
    /// Looks packages up in the records; fails where one is as bad as `--severity`, or an exception does not hold.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = Project::load(cx)?;
        let mut findings = Findings::default();
        let source = InputFiles::optional(&cx.layout, &cx.layout.audit(), &mut findings)?;
        let source = source.unwrap_or_else(|| Source::new(Exceptions::FILE, ""));
        let exceptions = Exceptions::parse(&source, &mut findings);
        findings.into_result(())?;
        let inventory = read_inventory(&project, &self.of)?;
        let database = read_database(cx, &self.database, &inventory)?;
        let audit = Audit::new(&inventory, &database, &exceptions, &source, today());
        for unexamined in &audit.unexamined {
            cx.ui.notice(format_args!("not looked up: {} {}", unexamined.count, unexamined.why));
        }
        ensure!(audit.examined > 0, "`{}` has records of none of the packages' kinds", self.database);
        self.show(cx, &audit.vulnerabilities);
        cx.report(&audit.findings);
        let bad = audit.vulnerabilities.iter().filter(|it| it.is_at_least(self.severity)).count();
        cx.ui.notice(format_args!(
            "{} packages looked up in {} records: known vulnerabilities: {}, {bad} of them {} or worse, and {} in {}",
            audit.examined,
            database.count(),
            audit.vulnerabilities.len(),
            self.severity,
            audit.excepted,
            Exceptions::FILE
        ));
        Ok(if bad > 0 || audit.findings.has_errors() { Outcome::Failed } else { Outcome::Done })
    }

    fn show(&self, cx: &Context, vulnerabilities: &[Vulnerability]) {
        let severity = |it: &Vulnerability| it.rating.map_or("unknown", materials::Rating::name).to_owned();
        if self.json {
            for it in vulnerabilities {
                cx.ui.data(json!({
                    "package": it.package, "version": it.version, "names": it.names, "severity": severity(it),
                    "fixed": it.fixed_in, "summary": it.summary,
                }));
            }
        } else if !vulnerabilities.is_empty() {
            let heading = ["SEVERITY", "PACKAGE", "VERSION", "FIXED IN", "ADVISORY", "SUMMARY"].map(str::to_owned);
            let cells = |it: &Vulnerability| {
                let fixed = it.fixed_in.clone().unwrap_or_default();
                [severity(it), it.package.clone(), it.version.clone(), fixed, it.title(), it.summary.clone()]
            };
            cx.ui.table(&[heading].into_iter().chain(vulnerabilities.iter().map(cells)).collect::<Vec<_>>());
        }
    }
}

fn today() -> CalendarDate {
    CalendarDate::of_time(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs()))
}
