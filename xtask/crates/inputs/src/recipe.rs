//! Whether the environment is installed from the lock, or solved.

use anyhow::{Result, bail};

use environment::{
    InstallPlan, LockedFiles, Platform, UnlockedRest,
    lock::{Lock, LockMatch},
};
use project::Context;

use crate::{Project, locks};

/// What the environment is made from, and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Who makes it, and from what.
    pub plan: InstallPlan,
    /// Why what is locked is not all, a line each.
    pub remarks: Vec<String>,
}

/// What a lock is to a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockUse {
    /// Installed from where it matches the dependency files; what differs is solved.
    Prefer,
    /// Anything but a lock that matches is an error.
    Require,
    /// As with `Prefer`; one that nobody can read is as if it did not exist.
    IfReadable,
}

/// What the environment of a platform is made from.
pub fn recipe(project: &Project, platform: &Platform, lock_use: LockUse) -> Result<Recipe> {
    match lock_use {
        LockUse::Prefer => preferring_lock(project, platform),
        LockUse::Require => requiring_lock(project, platform),
        LockUse::IfReadable => Ok(preferring_lock(project, platform).unwrap_or_else(|_| Recipe::solved(project))),
    }
}

/// From the lock where there is one of what is asked for; from the lock and what differs where that can be put over it;
/// else solved, with what is pinned kept.
fn preferring_lock(project: &Project, platform: &Platform) -> Result<Recipe> {
    let Some(lock) = locks::read(project.cx, platform)? else {
        let others = locks::platforms(project.cx);
        let mut recipe = Recipe::solved(project);
        if !others.is_empty() {
            let others = others.join(", ");
            recipe.plan.reason += &format!("; there is no lock for {platform}, only for {others}, so all is solved");
        }
        return Ok(recipe);
    };
    let mut plan = project.plan.clone();
    let folder = Lock::folder(platform);
    let (conda, pylock) = lock.installable(locks::TOOL);
    let python = format!("=={}", lock.python);
    let mut locked = LockedFiles { python, conda, pylock, difference: None };
    let changed = match locks::compare(&lock, project, platform) {
        LockMatch::Exact => {
            plan.reason = format!("`{folder}` has what is asked for: nothing is solved");
            plan.locked = Some(locked);
            return Ok(Recipe { plan, remarks: Vec::new() });
        }
        LockMatch::Changed(changed) => changed,
    };
    let mut remarks = vec![format!("`{folder}` was made for something else:")];
    remarks.extend(changed.lines.iter().map(|it| format!("  {it}")));
    if changed.needs_full_solve {
        plan.reason = String::from("what is asked for has changed: all is solved again, and what is pinned is kept");
    } else {
        plan.reason = format!("`{folder}` has what is asked for of Python: nothing is solved");
        if changed.has_pip {
            let requirements = plan.requirements.clone();
            locked.difference = Some(UnlockedRest { requirements, preferences: lock.preferences() });
            plan.reason = format!("`{folder}` has most of what is asked for: only what differs is solved");
        }
        plan.locked = Some(locked);
    }
    Ok(Recipe { plan, remarks })
}

/// As [`preferring_lock`], but anything that is not a lock of exactly what is asked for is an error.
fn requiring_lock(project: &Project, platform: &Platform) -> Result<Recipe> {
    let recipe = preferring_lock(project, platform)?;
    if !recipe.remarks.is_empty() {
        bail!("{}\n`cargo xtask freeze` makes it anew from what is installed", recipe.remarks.join("\n"));
    }
    if recipe.plan.locked.is_none() {
        bail!("there is no lock for {platform}: `cargo xtask freeze` makes one from what is installed");
    }
    Ok(recipe)
}

impl Recipe {
    /// Without a lock.
    fn solved(project: &Project) -> Self {
        Self { plan: project.plan.clone(), remarks: Vec::new() }
    }

    /// Says why what is locked is not all.
    pub fn show_remarks(&self, cx: &Context) {
        for remark in &self.remarks {
            cx.ui.notice(remark);
        }
    }
}
