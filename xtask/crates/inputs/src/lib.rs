//! All inputs, read, parsed and checked together before anything starts.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod engine;
mod files;
mod inspection;
mod load;
mod locks;
mod recipe;
mod settings_change;
mod settings_file;

use std::time::Duration;

use anyhow::Result;

pub use engine::{Engine, choose, explain};
pub use files::InputFiles;
pub use inspection::Inspection;
pub use load::Project;
pub use locks::{TOOL, compare as compare_lock, platforms as locked_platforms, read as read_lock};
pub use recipe::{LockUse, Recipe, recipe};
pub use settings_change::{LoadedSettings, write as write_settings};
pub use settings_file::SettingsFile;

use docker::DaemonInfo;
use project::{Context, Machine, UserIds};

/// How long a daemon may take to say how it runs; it is asked once, when the settings are made.
const PATIENCE_WITH_DOCKER: Duration = Duration::from_secs(5);

/// Who uses this machine. Where Docker runs without root, containers run as its root, who is the user there.
pub fn machine(cx: &Context) -> Result<Machine> {
    let machine = Machine::read(&cx.runner, Machine::PATIENCE)?;
    let info =
        cx.runner.read_within(&DaemonInfo::query(), PATIENCE_WITH_DOCKER).ok().and_then(|it| DaemonInfo::parse(&it));
    let UserIds { uid, gid } = docker::user_in_container(info.as_ref(), machine.ids());
    Ok(Machine { uid, gid, ..machine })
}

/// What the inputs say as far as they can be read. Changes nothing. `machine` is asked where a default depends on it.
pub fn inspect(cx: &Context, machine: impl FnOnce() -> Machine) -> Result<Inspection> {
    load::finish_what_was_begun(cx)?;
    Inspection::new(cx, &InputFiles::read(&cx.layout)?, || Ok(machine()))
}
