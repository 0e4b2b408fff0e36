//! The locks in the repository.

use std::collections::BTreeMap;

use anyhow::{Error, Result};

use environment::{
    Platform,
    lock::{Lock, LockMatch},
};
use process::sort;
use project::Context;
use report::Findings;

use crate::{InputFiles, Project};

/// This tool's version, as it is in the header of a lock.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The lock for a platform, if it exists. A lock that was edited by hand is an error.
pub fn read(cx: &Context, platform: &Platform) -> Result<Option<Lock>> {
    let folder = cx.layout.root().join(Lock::folder(platform));
    let mut findings = Findings::default();
    let mut files = BTreeMap::new();
    for name in Lock::FILES {
        let source = InputFiles::optional(&cx.layout, &folder.join(name), &mut findings)?;
        files.extend(source.map(|it| (name.to_owned(), it.text)));
    }
    findings.into_result(())?;
    Lock::parse(platform, &files).map_err(Error::from)
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
