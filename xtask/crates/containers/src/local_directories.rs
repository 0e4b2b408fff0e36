//! The directories of this machine that every container mounts.

use std::collections::BTreeSet;

use anyhow::Result;

use project::{Context, Settings};

/// Docker would refuse to mount what is not there, or make it as root.
pub fn make(cx: &Context, settings: &Settings) -> Result<()> {
    let local = &settings.local;
    let wanted = BTreeSet::from([&local.data, &local.outputs, &local.wandb]);
    for directory in wanted.into_iter().filter(|it| !it.is_dir()) {
        cx.ui.notice(format_args!("creating the directory `{directory}`"));
        cx.files.create_dir(directory)?;
    }
    Ok(())
}
