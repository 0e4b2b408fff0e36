//! What outlives the dev container: directories of the caller, mounted into it.

use std::os::unix::fs::chown;

use anyhow::Result;
use camino::Utf8Path;

use process::files;
use project::{Context, Settings, UserIds};

/// The directories that compose.yaml mounts, and those that it mounts where an extra asks for them.
const DIRECTORIES: [&str; 6] = ["cache", "config", "vscode-server", "cursor-server", "ssh", "jupyter"];

/// Makes those that are not there. Docker would make them as root, or refuse.
pub fn make(cx: &Context, settings: &Settings) -> Result<()> {
    if cx.runner.is_dry_run() {
        return Ok(());
    }
    let directory = cx.layout.dev_files();
    for path in DIRECTORIES.iter().map(|it| directory.join(it)).filter(|it| !it.is_dir()) {
        files::create_dir(&path)?;
        give(&path, settings.user);
    }
    Ok(())
}

/// Gives a directory and the files in it to whom containers run as, where this is root who may do that; everybody else is
/// the owner already, or has chosen ids that are not theirs.
pub fn give_all(directory: &Utf8Path, settings: &Settings) {
    give(directory, settings.user);
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
        give(entry.path(), settings.user);
    }
}

fn give(path: &Utf8Path, UserIds { uid, gid }: UserIds) {
    _ = chown(path, Some(uid), Some(gid));
}
