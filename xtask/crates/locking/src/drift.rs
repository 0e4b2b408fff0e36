//! Compares what is installed with what the files say.

use anyhow::Result;

use inputs::Inputs;
use process::Outcome;
use project::Context;

use super::{SnapshotSource, snapshot};

/// Shows every difference; there is none when it succeeds.
pub fn drift(cx: &Context, inputs: &Inputs, from: Option<SnapshotSource>) -> Result<Outcome> {
    let taken = snapshot::take(cx, inputs, from)?;
    let lock = inputs::read_lock(cx, &taken.snapshot.platform)?;
    let findings = environment::drift(&taken.snapshot, &inputs.environment, lock.as_ref(), &inputs.pyproject.name);
    cx.report(&findings.clone().without_notes());
    if findings.has_errors() {
        cx.ui.notice(format_args!("{} is not what the files say", taken.place));
        return Ok(Outcome::Failed);
    }
    let lock =
        if lock.is_some() { " and the lock say" } else { " says; there is no lock: `cargo xtask freeze` makes one" };
    cx.ui.notice(format_args!("{} is what environment.yml{lock}", taken.place));
    Ok(Outcome::Done)
}
