//! The locks in the repository.

use std::collections::BTreeMap;

use anyhow::{Error, Result};

use environment::{
    Platform,
    lock::{Lock, LockMatch},
};
use process::files;
use project::Context;

use crate::Project;

/// This tool's version, as it is in the header of a lock.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The lock for a platform, if it exists. A lock that was edited by hand is an error.
pub fn read(cx: &Context, platform: &Platform) -> Result<Option<Lock>> {
    let folder = cx.layout.root().join(Lock::folder(platform));
    let mut files = BTreeMap::new();
    for name in Lock::FILES {
        files.extend(files::read_text_if_any(&folder.join(name))?.map(|text| (name.to_owned(), text)));
    }
    Lock::parse(platform, &files).map_err(Error::from)
}

/// The names of the folders in `dependencies/lock/`, such as `linux-amd64`, sorted.
pub fn platforms(cx: &Context) -> Vec<String> {
    let folders = cx.layout.root().join("dependencies/lock").read_dir_utf8().into_iter().flatten().flatten();
    let mut names: Vec<String> = folders.map(|it| it.file_name().to_owned()).collect();
    names.sort();
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
