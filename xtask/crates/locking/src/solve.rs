//! Makes a lock by solving, with what is known of this machine's environment.

use anyhow::Result;

use environment::{
    Platform,
    lock::{Lock, Upgrade},
    snapshot::Snapshot,
};
use inputs::{Engine, Project};
use solving::SolveBasis;

use super::{SnapshotSource, read_snapshot};

/// The lock for a platform of the present dependency files. Versions that are pinned, or in the old lock, are kept unless
/// they no longer fit or `upgrade` has them. `engine` is where this machine runs commands.
pub fn solve(
    project: &Project,
    platform: &Platform,
    engine: &Engine,
    old: Option<&Lock>,
    upgrade: &Upgrade,
) -> Result<Lock> {
    let installed = installed_here(project, platform, engine);
    let libc = installed.as_ref().and_then(|it| it.libc.as_deref()).map(|it| (it, "the environment"));
    let python = installed.as_ref().map(|it| it.interpreter.version.as_str());
    let layers = solving::layers_before(project, platform, old);
    let basis = SolveBasis { platform, libc, python, old, upgrade, layers: layers.as_ref() };
    images::with_solver(project, engine.has_containers(), |host| solving::solve(project, basis, host))
}

/// What is installed on this machine, if it is for the platform: it has the Python and the C library to solve for.
fn installed_here(project: &Project, platform: &Platform, engine: &Engine) -> Option<Snapshot> {
    if engine.platform() != *platform {
        return None;
    }
    let source = if *engine == Engine::Native { Some(SnapshotSource::Native) } else { None };
    let installed = read_snapshot(project, source).ok()?;
    Some(installed.snapshot).filter(|it| it.platform == *platform)
}
