//! All input files, read once, parsed, and checked against each other before anything starts: a [`Project`] has no error in
//! any of them. Also what they decide together: the engine, the [`Recipe`] of the environment and the use of the lock; and what is
//! said where an engine cannot be used or a disk is full. How a single file is parsed is in the crates below.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod daemon_choice;
mod dialect;
mod engine;
mod files;
mod full_disk;
mod inspection;
mod load;
mod locks;
mod logins;
mod recipe;
mod recovery;
mod settings_change;
mod settings_file;

use std::time::Duration;

use anyhow::Result;

pub use daemon_choice::DaemonChoice;
pub use dialect::dialect;
pub use engine::{Engine, explain_unavailable, probe_containers, require_capability};
pub use files::InputFiles;
pub use full_disk::{Writer, docker_directory, explain_full_disk, run_on_host, with_full_disk};
pub use inspection::Inspection;
pub use load::Project;
pub use locks::{
    TOOL_VERSION, compare as compare_lock, platforms as locked_platforms, read as read_lock, variant as lock_variant,
};
pub use logins::{Logins, build_access};
pub use recipe::{LockUse, Recipe, locked_files, recipe};
pub use recovery::lock_to_change;
pub use settings_change::{LoadedSettings, write as write_settings};
pub use settings_file::SettingsFile;

use docker::DaemonInfo;
use project::{Context, Machine, UserIds};

/// How long a daemon may take to answer; it is asked once, when the settings file is created.
const DOCKER_LIMIT: Duration = Duration::from_secs(5);

/// The user of this machine. Where Docker runs without root, containers run as root, which is this user outside.
pub fn machine(cx: &Context) -> Result<Machine> {
    let machine = Machine::read(&cx.runner, Machine::NAME_LIMIT)?;
    let info = cx.runner.read_within(&DaemonInfo::query(), DOCKER_LIMIT).ok().and_then(|it| DaemonInfo::parse(&it));
    let UserIds { uid, gid } = docker::user_in_container(info.as_ref(), machine.ids());
    Ok(Machine { uid, gid, ..machine })
}

/// What the inputs say as far as they can be read. Creates no settings file. `machine` is called where a default depends on
/// it.
pub fn inspect(cx: &Context, machine: impl FnOnce() -> Machine) -> Result<Inspection> {
    recovery::recover_if_possible(cx);
    Inspection::new(cx, &InputFiles::read(&cx.layout)?, || Ok(machine()))
}
