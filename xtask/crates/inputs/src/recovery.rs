//! What a killed `freeze`, `thaw`, `lock` or `env` has left of a change to the files that the user keeps.

use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use process::files::{Recovery, RepositoryLock, Unwritten};
use project::Context;

/// Keeps other invocations of this tool from changing these files until the lock is dropped, and finishes first what one that
/// was interrupted has left.
pub fn lock_to_change(cx: &Context) -> Result<RepositoryLock> {
    let lock = cx.lock()?;
    recover(cx)?;
    Ok(lock)
}

/// Finishes an interrupted change, for verbs that only read: what cannot be finished, as in a folder that is read-only, does
/// not stop them. They read the files as they will be.
pub(crate) fn recover_if_possible(cx: &Context) {
    if !cx.layout.journal().is_pending() {
        sweep(cx);
    } else if let Err(error) = lock_to_change(cx) {
        cx.ui.notice(format_args!("warning: {error:#}"));
        _ = cx.files.unwritten(&cx.layout.journal()).map(|it| UNWRITTEN.set(it));
    }
}

/// What this process cannot write and reads as if it were written.
static UNWRITTEN: OnceLock<Unwritten> = OnceLock::new();

/// The contents that a file will have once an interrupted change can be finished; `None` where that does not change it.
pub(crate) fn unwritten(path: &Utf8Path) -> Option<&'static Option<Vec<u8>>> {
    UNWRITTEN.get()?.get(path)
}

fn recover(cx: &Context) -> Result<()> {
    let journal = cx.layout.journal();
    let recovery = cx.files.finish_journal(&journal).with_context(|| {
        format!(
            "a change that was interrupted waits in `{}`, and cannot be finished",
            cx.layout.relative(&journal.path)
        )
    })?;
    show(cx, &recovery);
    sweep(cx);
    Ok(())
}

fn show(cx: &Context, recovery: &Recovery) {
    let Recovery { finished, kept, discarded } = recovery;
    if !finished.is_empty() {
        cx.ui.notice(format_args!("finished a change of {} that was interrupted", listed(finished)));
    }
    if !kept.is_empty() {
        cx.ui.notice(format_args!(
            "{} changed after a command that was writing there had been interrupted, and {} left alone",
            listed(kept),
            if kept.len() == 1 { "was" } else { "were" }
        ));
    }
    if let Some(reason) = discarded {
        let journal = cx.layout.relative(&cx.layout.journal().path);
        cx.ui.notice(format_args!("removed `{journal}`, because this tool has not written it as it is: {reason}"));
    }
}

fn listed(files: &[Utf8PathBuf]) -> String {
    files.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// What cannot be removed does no harm.
fn sweep(cx: &Context) {
    for directory in cx.layout.written_directories() {
        _ = cx.files.sweep(&directory);
    }
}
