//! Ends an attended container when its client is gone, even if that was killed: the client holds a lock on a file that is
//! mounted into the container, and loses it with its life.

use std::fs::{File, TryLockError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use process::Files;
use project::Context;

/// An unlocked file this young may belong to a client that is about to lock it.
const GRACE_PERIOD: Duration = Duration::from_secs(60);

/// The lease of one container. The entrypoint waits for the same lock (flock(2)): when it gets it, the client is gone. Where
/// containers do not see the locks of the host, as on Docker Desktop, the entrypoint does not wait.
#[derive(Debug)]
pub struct Lease {
    pub path: Utf8PathBuf,
    /// Open and locked.
    pub file: File,
}

impl Lease {
    /// Creates and locks a file, and removes those that nobody holds any more. `None` in a dry run.
    pub fn acquire(cx: &Context) -> Result<Option<Self>> {
        let directory = cx.layout.work().join("leases");
        remove_abandoned(&cx.files, &directory);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos());
        let path = directory.join(format!("{}-{time}", std::process::id()));
        Ok(cx.files.create_locked(&path)?.map(|file| Self { path, file }))
    }
}

/// A file that cannot be removed stays: it does no harm.
fn remove_abandoned(files: &Files, directory: &Utf8Path) {
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
        let age = entry.metadata().ok().and_then(|it| it.modified().ok()).and_then(|it| it.elapsed().ok());
        let Ok(file) = File::open(entry.path()) else { continue };
        let is_held = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
        if age.is_some_and(|it| it > GRACE_PERIOD) && !is_held {
            _ = files.remove_file(entry.path());
        }
    }
}
