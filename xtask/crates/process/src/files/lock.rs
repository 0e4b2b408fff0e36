//! One invocation of this tool at a time where something in the repository is changed.

use std::fs::{File, TryLockError};

use anyhow::{Context as _, Error, Result};
use camino::Utf8Path;

use crate::{Ui, child::require_no_stop, inherited_file};

/// Held while something in the repository is changed; released when it is dropped, or when the process has died and so have the
/// children that it has started meanwhile, which may go on changing it.
#[must_use]
#[derive(Debug)]
pub struct RepositoryLock(#[expect(dead_code, reason = "the open file is the lock")] Option<File>);

impl RepositoryLock {
    /// Waits for other invocations of this tool in this repository, and says so if there is one.
    ///
    /// The advisory lock of flock(2): it lies on the open file, so a killed holder leaves none behind.
    pub(super) fn acquire(file: File, path: &Utf8Path, ui: Ui) -> Result<Self> {
        let failed = || format!("cannot lock `{path}`");
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                ui.notice("waiting for another `cargo xtask` in this repository, or for what it has started");
                // A signal ends the waiting.
                file.lock()
                    .or_else(|error| require_no_stop().map_err(Error::from).and(Err(error).with_context(failed)))?;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        inherited_file::share_with_children(&file).with_context(failed)?;
        Ok(Self(Some(file)))
    }

    /// What a dry run holds: it changes nothing, so nobody has to wait.
    pub(super) fn none() -> Self {
        Self(None)
    }
}
