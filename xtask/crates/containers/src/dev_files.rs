//! What outlives the dev container: directories of the caller, mounted into it.

use anyhow::Result;
use camino::Utf8Path;

use project::{Context, Settings, UserIds};

/// The directories that compose.yaml mounts, and those that it mounts where an extra asks for them.
const DIRECTORIES: [&str; 6] = ["cache", "config", "vscode-server", "cursor-server", "ssh", "jupyter"];

/// Makes those that are not there. Docker would make them as root, or refuse.
pub fn make(cx: &Context, settings: &Settings) -> Result<()> {
    let directory = cx.layout.dev_files();
    for path in DIRECTORIES.iter().map(|it| directory.join(it)).filter(|it| !it.is_dir()) {
        cx.files.create_dir(&path)?;
        give(cx, &path, settings.user);
    }
    Ok(())
}

/// Gives a directory and the files in it to whom containers run as, where this is root who may do that; everybody else is
/// the owner already, or has chosen ids that are not theirs.
pub fn give_all(cx: &Context, directory: &Utf8Path, settings: &Settings) {
    give(cx, directory, settings.user);
    for entry in directory.read_dir_utf8().into_iter().flatten().flatten() {
        give(cx, entry.path(), settings.user);
    }
}

fn give(cx: &Context, path: &Utf8Path, UserIds { uid, gid }: UserIds) {
    cx.files.change_owner(path, uid, gid);
}
