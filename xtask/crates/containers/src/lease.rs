//! A file that a container's client holds locked as long as it lives, so that the container ends with it however it ends.

use std::fs::{File, TryLockError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use process::Files;
use project::Context;

/// No lease takes longer from its creation to its lock.
const YOUNG: Duration = Duration::from_secs(60);

/// The lease of one container. The entrypoint waits for the lock that is flock(2)'s and seen through the mount: when it
/// gets it, the client is gone. Where locks of the host are not seen in containers, as on Docker Desktop, nothing waits.
#[derive(Debug)]
pub struct Lease {
    /// The file to mount.
    pub path: Utf8PathBuf,
    /// The file, open and locked.
    pub file: File,
}

impl Lease {
    /// A new one, locked; `None` in a dry run. Those that nobody holds any more are removed.
    pub fn take(cx: &Context) -> Result<Option<Self>> {
        let directory = cx.layout.work().join("leases");
        remove_left_ones(cx.files, &directory);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos());
        let path = directory.join(format!("{}-{time}", std::process::id()));
        Ok(cx.files.create_locked(&path)?.map(|file| Self { path, file }))
    }
}

/// What cannot be removed stays; it is in nobody's way.
fn remove_left_ones(files: Files, directory: &Utf8Path) {
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
        let age = entry.metadata().ok().and_then(|it| it.modified().ok()).and_then(|it| it.elapsed().ok());
        let Ok(file) = File::open(entry.path()) else { continue };
        let is_held = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
        if age.is_some_and(|it| it > YOUNG) && !is_held {
            _ = files.remove_file(entry.path());
        }
    }
}
