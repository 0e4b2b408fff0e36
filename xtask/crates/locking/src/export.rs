//! Locks for other tools.

use anyhow::{Result, bail};

use environment::{
    Platform,
    lock::{Lock, LockFormat},
};
use inputs::Project;

/// The locks of these platforms, or of all that have one, as another tool writes its own. Nothing is solved. `None` in a dry
/// run, which asks no channel.
pub fn export_locks(project: &Project, format: LockFormat, platforms: &[Platform]) -> Result<Option<String>> {
    let locks = locks(project, platforms)?;
    if let Some(lock) = locks.iter().find(|it| it.conda.is_empty()) {
        bail!(
            "the lock for {} has no packages of conda's, and {} gets Python itself from conda; \
             `SOLVER=conda cargo xtask lock` makes one that has, and pip and uv read `{}/pylock.toml` as it is",
            lock.platform,
            format.name(),
            lock.folder()
        );
    }
    if project.cx.is_dry_run() {
        return Ok(None);
    }
    Ok(Some(format.text(&locks, &solving::describe_conda(project, &locks)?)))
}

fn locks(project: &Project, platforms: &[Platform]) -> Result<Vec<Lock>> {
    let mut platforms = platforms.to_vec();
    if platforms.is_empty() {
        platforms = inputs::locked_platforms(project.cx).iter().filter_map(|it| Platform::of_folder(it)).collect();
    }
    process::sort(&mut platforms);
    platforms.dedup();
    let mut locks = Vec::new();
    for platform in &platforms {
        match inputs::read_lock(project, platform)? {
            Some(lock) => locks.push(lock),
            None => bail!("there is no lock for {platform}; `cargo xtask lock --platform {platform}` makes one"),
        }
    }
    if locks.is_empty() {
        bail!("there is no lock; `cargo xtask lock` makes one");
    }
    Ok(locks)
}
