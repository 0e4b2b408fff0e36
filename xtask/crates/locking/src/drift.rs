//! Compares what is installed with what the files say.

use anyhow::Result;

use inputs::Project;
use process::Outcome;

use super::{SnapshotSource, snapshot};

/// Shows every difference; there is none when it succeeds.
pub fn drift(project: &Project, from: Option<SnapshotSource>) -> Result<Outcome> {
    let taken = snapshot::take(project, from)?;
    let lock = inputs::read_lock(project.cx, &taken.snapshot.platform)?;
    let findings = environment::drift(&taken.snapshot, &project.environment, lock.as_ref(), &project.pyproject.name);
    project.cx.report(&findings.clone().without_notes());
    if findings.has_errors() {
        project.cx.ui.notice(format_args!("{} is not what the files say", taken.place));
        return Ok(Outcome::Failed);
    }
    let lock =
        if lock.is_some() { " and the lock say" } else { " says; there is no lock: `cargo xtask freeze` makes one" };
    project.cx.ui.notice(format_args!("{} is what environment.yml{lock}", taken.place));
    Ok(Outcome::Done)
}
