//! The data and output directories of this machine, which every container mounts.

use anyhow::Result;

use process::sort;
use project::{Context, Settings};

/// Creates the missing ones. Docker would refuse to mount them, or create them as root.
pub fn create_local_directories(cx: &Context, settings: &Settings) -> Result<()> {
    let local = &settings.local;
    let mut directories = vec![&local.data, &local.outputs, &local.wandb];
    sort(&mut directories);
    directories.dedup();
    for directory in directories.into_iter().filter(|it| !it.is_dir()) {
        cx.ui.notice(format_args!("creating the directory `{directory}`"));
        cx.files.create_dir(directory)?;
    }
    Ok(())
}
