//! The data and output directories of this machine, which every container mounts.

use std::collections::BTreeSet;

use anyhow::Result;

use project::{Context, Settings};

/// Creates the missing ones. Docker would refuse to mount them, or create them as root.
pub fn create_local_directories(cx: &Context, settings: &Settings) -> Result<()> {
    let local = &settings.local;
    let directories = BTreeSet::from([&local.data, &local.outputs, &local.wandb]);
    for directory in directories.into_iter().filter(|it| !it.is_dir()) {
        cx.ui.notice(format_args!("creating the directory `{directory}`"));
        cx.files.create_dir(directory)?;
    }
    Ok(())
}
