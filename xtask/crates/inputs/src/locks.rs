//! The locks in the repository.

use std::collections::BTreeMap;

use anyhow::{Error, Result};

use environment::{
    Platform,
    lock::{Lock, LockMatch},
};
use process::sort;
use project::{Context, Variant};
use report::Findings;

use crate::{InputFiles, Project};

/// This tool's version, as it is in the header of a lock.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The variant of a platform whose lock counts: the one that LOCK_VARIANT names, else that of CPU_OR_GPU where it has a lock.
/// `None` for the platform's own.
pub fn variant(project: &Project, platform: &Platform) -> Option<Variant> {
    let Project { cx, settings, .. } = project;
    let has_lock = |it: &Variant| cx.layout.root().join(Lock::folder_of(platform, Some(it))).is_dir();
    settings.lock_variant.clone().or_else(|| Some(Variant::of(settings.accelerator)).filter(has_lock))
}

/// The lock for a platform, if it exists. A lock that was edited by hand is an error.
pub fn read(project: &Project, platform: &Platform) -> Result<Option<Lock>> {
    let cx = project.cx;
    let variant = variant(project, platform);
    let folder = cx.layout.root().join(Lock::folder_of(platform, variant.as_ref()));
    let mut findings = Findings::default();
    let mut files = BTreeMap::new();
    for name in Lock::FILES {
        let source = InputFiles::optional(&cx.layout, &folder.join(name), &mut findings)?;
        files.extend(source.map(|it| (name.to_owned(), it.text)));
    }
    findings.into_result(())?;
    Lock::parse(platform, variant.as_ref(), &files).map_err(Error::from)
}

/// The names of the folders in `dependencies/lock/`, such as `linux-amd64`, sorted.
pub fn platforms(cx: &Context) -> Vec<String> {
    let folders = cx.layout.root().join("dependencies/lock").read_dir_utf8().into_iter().flatten().flatten();
    let mut names: Vec<String> = folders.map(|it| it.file_name().to_owned()).collect();
    sort(&mut names);
    names
}

/// Whether a lock matches the intent, with and without its pins.
pub fn compare(lock: &Lock, inputs: &Project, platform: &Platform) -> LockMatch {
    match lock.matches(&inputs.thawed_intent(), platform, inputs.plan.solver) {
        LockMatch::Exact => {
            let changed = lock.contradictions(&inputs.intent.environment);
            if changed.lines.is_empty() { LockMatch::Exact } else { LockMatch::Changed(changed) }
        }
        changed @ LockMatch::Changed(_) => changed,
    }
}
