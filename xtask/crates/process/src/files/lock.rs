//! One invocation of this tool at a time where something in the repository is changed.

use std::fs::{File, TryLockError};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::{Context as _, Error, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::open_handed;
use crate::{Ui, child::require_no_stop, inherited_file};

/// The locks that this process holds, by their paths.
static HELD: Mutex<Vec<(Utf8PathBuf, Weak<File>)>> = Mutex::new(Vec::new());

/// Held while something in the repository is changed; released when it is dropped, or when the process has died and so have the
/// children that it has started meanwhile, which may go on changing it.
#[must_use]
#[derive(Debug)]
pub struct RepositoryLock(#[expect(dead_code, reason = "the open file is the lock")] Option<Arc<File>>);

impl RepositoryLock {
    /// Waits for other invocations of this tool in this repository, and says so if there is one.
    ///
    /// The advisory lock of flock(2): it lies on the open file, so a killed holder leaves none behind. Whoever holds it in this
    /// process already does not wait for itself. `open` opens its file.
    pub(super) fn acquire(open: impl FnOnce() -> Result<File>, path: &Utf8Path, ui: Ui) -> Result<Self> {
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = held.iter().filter(|(it, _)| it == path).find_map(|(_, file)| file.upgrade()) {
            return Ok(Self(Some(file)));
        }
        drop(held);
        let file = open()?;
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
        let file = Arc::new(file);
        HELD.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), Arc::downgrade(&file)));
        Ok(Self(Some(file)))
    }

    /// What a dry run holds: it changes nothing, so nobody has to wait.
    pub(super) fn none() -> Self {
        Self(None)
    }
}

/// Whether another process holds the lock on a file.
pub fn is_locked(path: &Utf8Path) -> bool {
    open_handed(path).is_ok_and(|it| matches!(it.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;
    use crate::files::test_folder::Folder;

    #[test]
    fn nobody_waits_for_itself_and_the_last_one_lets_others_in() {
        let folder = Folder::new();
        let (disk, path) = (folder.disk(), folder.path("lock"));
        let open = || disk.open(&path, OpenOptions::new().create(true).truncate(false));
        let lock = || RepositoryLock::acquire(open, &path, Ui::new(false, true)).unwrap();
        let (outer, inner) = (lock(), lock());
        drop(outer);
        assert!(is_locked(&path));
        drop(inner);
        assert!(!is_locked(&path) && !is_locked(&folder.path("nothing")));
        open().unwrap().try_lock().unwrap();
        drop(lock());
    }
}
