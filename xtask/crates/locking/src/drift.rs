//! `drift` and `freeze --check`: compares what is installed with environment.yml and the lock.

use anyhow::Result;

use inputs::Project;
use process::Outcome;

use super::{SnapshotSource, read_snapshot};

/// Shows every difference as a finding; fails where one is an error.
pub fn report_drift(project: &Project, source: Option<SnapshotSource>) -> Result<Outcome> {
    let (cx, installed) = (project.cx, read_snapshot(project, source)?);
    let lock = inputs::read_lock(project, &installed.snapshot.platform)?;
    let findings =
        environment::drift(&installed.snapshot, &project.environment, lock.as_ref(), &project.pyproject.name);
    cx.report(&findings.clone().without_notes());
    installed.warn_if_older(cx);
    let place = installed.place;
    if findings.has_errors() {
        cx.ui.notice(format_args!("{place} differs from the dependency files"));
        return Ok(Outcome::Failed);
    }
    match lock {
        Some(_) => cx.ui.notice(format_args!("{place} matches environment.yml and the lock")),
        None => cx.ui.notice(format_args!(
            "{place} matches environment.yml; there is no lock yet: `cargo xtask freeze` writes one"
        )),
    }
    Ok(Outcome::Done)
}
