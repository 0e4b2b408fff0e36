//! Programs from PyPI that this version of the tool does not use.

use anyhow::Result;
use camino::Utf8PathBuf;

use environment::PinnedTool;
use process::files::{self, RepositoryLock};
use project::Context;

use crate::{
    CondaEngine,
    installation::{begun, directory, lock},
};

/// A directory of a program, and why nobody needs it.
pub type UnneededTool = (Utf8PathBuf, &'static str);

/// Directories of other versions, and of installations that were ended. Nobody installs one of these programs until the locks
/// are dropped.
pub fn unneeded_tools(cx: &Context) -> Result<(Vec<UnneededTool>, Vec<RepositoryLock>)> {
    let (mut unneeded, mut locks) = (Vec::new(), Vec::new());
    // The command `conda` of a native environment goes on with the version that has made it.
    let conda = files::read_text_if_any(&CondaEngine::command_directory(cx).join("conda"))?.unwrap_or_default();
    for tool in PinnedTool::ALL {
        if directories(cx, tool).is_empty() {
            continue;
        }
        locks.push(lock(cx, tool)?);
        // What was being installed is in its place now.
        let found = directories(cx, tool).into_iter().filter(|(it, _)| !conda.contains(it.as_str()));
        unneeded.extend(found);
    }
    Ok((unneeded, locks))
}

fn directories(cx: &Context, tool: PinnedTool) -> Vec<UnneededTool> {
    let (used, begun) = (directory(cx, tool), begun(cx, tool));
    let prefix = format!("{}-", tool.package());
    let entries = cx.layout.work().read_dir_utf8().into_iter().flatten().flatten();
    let mut found: Vec<UnneededTool> = entries
        .filter_map(|it| {
            let version = it.file_name().strip_prefix(&prefix)?;
            let path = it.path().to_owned();
            match version.starts_with(|it: char| it.is_ascii_digit()) {
                _ if path == begun => Some((path, "left by an installation that was ended")),
                true if path != used => Some((path, "another version is used now")),
                _ => None,
            }
        })
        .collect();
    process::sort(&mut found);
    found
}
