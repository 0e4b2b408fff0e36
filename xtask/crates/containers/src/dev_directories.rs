//! Directories below `.dev/` that are mounted into the dev container, so that what is in them outlives it.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use project::{Context, Settings, UserIds};

/// Those that compose.yaml mounts, then those of the overlays compose.ssh.yaml and compose.jupyter.yaml.
const DIRECTORIES: [&str; 9] =
    ["cache", "config", "vscode-server", "cursor-server", "leases", "agent", "work", "ssh", "jupyter"];

/// Creates the missing ones, and what is mounted for reading only. Docker would create them as root, or refuse to mount them.
pub fn create_dev_directories(cx: &Context, settings: &Settings) -> Result<()> {
    let directory = cx.layout.dev_files();
    cx.files.create_dir(&cx.layout.work())?;
    if missing(&directory).next().is_none() {
        return Ok(());
    }
    cx.files.create_dir(&directory)?;
    let _lock = cx.files.lock(&directory.join("directories.lock"), cx.ui)?;
    // Whoever held the lock may have made them.
    for path in missing(&directory) {
        // A kill must not leave one under its name that belongs to somebody else.
        let begun = directory.join("begun");
        cx.files.create_dir(&begun)?;
        give(cx, &begun, settings.user);
        cx.files.rename(&begun, &path)?;
    }
    Ok(())
}

fn missing(directory: &Utf8Path) -> impl Iterator<Item = Utf8PathBuf> {
    DIRECTORIES.iter().map(|it| directory.join(it)).filter(|it| !it.is_dir())
}

/// Makes a directory and the files in it belong to USRID:GRPID, as far as the caller may: root can, and anybody else is the
/// owner already, or has set ids that are not their own.
pub fn give_to_container_user(cx: &Context, directory: &Utf8Path, settings: &Settings) {
    give(cx, directory, settings.user);
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
        give(cx, entry.path(), settings.user);
    }
}

fn give(cx: &Context, path: &Utf8Path, UserIds { uid, gid }: UserIds) {
    cx.files.change_owner(path, uid, gid);
}
