//! Whether the environment is installed from the lock or solved.

use anyhow::{Result, bail};

use environment::{
    InstallPlan, LockedFiles, Platform, Solver,
    conda::CondaInstall,
    lock::{Lock, LockMatch},
};
use project::Context;

use crate::{Project, locks};

/// How the environment is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    pub plan: InstallPlan,
    /// Lines that say how the lock differs from the dependency files.
    pub remarks: Vec<String>,
    /// The base image that the lock was made on, where the settings name another one.
    pub other_base: Option<String>,
}

/// How far a build relies on the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockUse {
    /// What it has is installed from it; what differs from the dependency files is solved.
    Prefer,
    /// A lock that does not exist or does not match is an error.
    Require,
    /// As `Prefer`; a damaged lock counts as none.
    IfReadable,
}

/// How the environment of a platform is made.
pub fn recipe(project: &Project, platform: &Platform, lock_use: LockUse) -> Result<Recipe> {
    match lock_use {
        LockUse::Prefer => preferring_lock(project, platform),
        LockUse::Require => requiring_lock(project, platform),
        LockUse::IfReadable => Ok(preferring_lock(project, platform).unwrap_or_else(|_| Recipe::solved(project))),
    }
}

/// From the lock where it matches the intent; from the lock and the difference where that can be installed over it; else
/// solved, with pins kept.
fn preferring_lock(project: &Project, platform: &Platform) -> Result<Recipe> {
    let Some(lock) = locks::read(project, platform)? else {
        let others = locks::platforms(project.cx);
        let mut recipe = Recipe::solved(project);
        if !others.is_empty() {
            let (name, others) = (place(project, platform), others.join(", "));
            recipe.plan.reason += &format!("; {name} has no lock (only {others} has), so everything is solved");
        }
        return Ok(recipe);
    };
    let mut plan = project.plan.clone();
    let folder = lock.folder();
    let mut locked = locked_files(project, &lock);
    let other_base = other_base(project, &lock);
    let changed = match locks::compare(&lock, project, platform) {
        LockMatch::Exact => {
            plan.reason = format!("`{folder}` matches the dependency files: nothing is solved");
            plan.locked = Some(locked);
            return Ok(Recipe { plan, remarks: Vec::new(), other_base });
        }
        LockMatch::Changed(changed) => changed,
    };
    let mut remarks = vec![format!("`{folder}` does not match the dependency files:")];
    remarks.extend(changed.lines.iter().map(|it| format!("  {it}")));
    if changed.needs_full_solve {
        plan.reason =
            String::from("the dependency files have changed: everything is solved again, and pinned versions are kept");
    } else {
        plan.reason = format!("`{folder}` has all Python packages: nothing is solved");
        if changed.has_pip {
            locked.is_exact = false;
            plan.reason = format!("`{folder}` has most packages: only the difference is solved");
        }
        plan.locked = Some(locked);
    }
    Ok(Recipe { plan, remarks, other_base })
}

/// As [`preferring_lock`], but a lock that does not match exactly is an error.
fn requiring_lock(project: &Project, platform: &Platform) -> Result<Recipe> {
    let recipe = preferring_lock(project, platform)?;
    if !recipe.remarks.is_empty() {
        bail!("{}\n`cargo xtask freeze` writes it again from what is installed", recipe.remarks.join("\n"));
    }
    if recipe.plan.locked.is_none() {
        let how = match locks::variant(project, platform) {
            Some(variant) => format!("`cargo xtask lock --variant {variant}` makes one"),
            None => "`cargo xtask freeze` writes one from what is installed".to_owned(),
        };
        bail!("{} has no lock: {how}", place(project, platform));
    }
    Ok(recipe)
}

fn other_base(project: &Project, lock: &Lock) -> Option<String> {
    let without_digest = |it: &str| it.split('@').next().unwrap_or(it).to_owned();
    let of_lock = without_digest(&lock.origin.base.as_ref()?.name);
    (of_lock != without_digest(&project.settings.base_image.to_string())).then_some(of_lock)
}

/// A platform, with its variant where one is wanted.
fn place(project: &Project, platform: &Platform) -> String {
    match locks::variant(project, platform) {
        Some(variant) => format!("the variant {variant} of {platform}"),
        None => platform.to_string(),
    }
}

/// All that a lock has, to be installed as it is.
pub fn locked_files(project: &Project, lock: &Lock) -> LockedFiles {
    let conda = (lock.origin.solver == Solver::Conda).then(|| CondaInstall {
        platform: lock.platform.clone(),
        files: lock.conda.clone(),
        intent: lock.intent.conda(),
        system: lock.system.clone(),
        link_scripts: project.pyproject.link_scripts.clone(),
    });
    LockedFiles {
        python: format!("=={}", lock.python),
        layers: lock.layer_lists(conda.as_ref(), locks::TOOL_VERSION),
        pylock: lock.pylock_text(locks::TOOL_VERSION),
        conda,
        is_exact: true,
    }
}

impl Recipe {
    fn solved(project: &Project) -> Self {
        Self { plan: project.plan.clone(), remarks: Vec::new(), other_base: None }
    }

    /// Says how the lock differs from the dependency files.
    pub fn show_remarks(&self, cx: &Context) {
        for remark in &self.remarks {
            cx.ui.notice(remark);
        }
    }
}
