//! What outlives the dev container: directories of the caller, mounted into it.

use anyhow::Result;

use crate::context::Context;
use crate::fs;

/// The directories that compose.yaml mounts, and those that it mounts where an extra asks for them.
const DIRECTORIES: [&str; 6] = ["cache", "config", "vscode-server", "cursor-server", "ssh", "jupyter"];

/// Makes those that are not there. Docker would make them as root, or refuse.
pub fn make(cx: &Context) -> Result<()> {
    if cx.runner.is_dry_run() {
        return Ok(());
    }
    let directory = cx.layout.dev_files();
    DIRECTORIES.iter().map(|it| directory.join(it)).filter(|it| !it.is_dir()).try_for_each(|it| fs::create_dir(&it))
}
