//! In what one lock differs from another.

use std::collections::BTreeMap;
use std::iter::once;

use process::{IntoMap as _, sort};

use super::{Lock, LockedPackage, LockedSource};

impl Lock {
    /// The packages that differ in a newer lock, and Python, a line each: `+ rich 15.0.0`, `- tqdm 4.67`, `numpy 1.26.4 -> 2.0.1`.
    pub fn changes_to(&self, new: &Self) -> Vec<String> {
        let (old, new) = (self.versions(), new.versions());
        let more = new.keys().filter(|it| !old.contains_key(*it));
        let mut names: Vec<&String> = old.keys().chain(more).collect();
        sort(&mut names);
        let change = |name: &String| match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if old == new => None,
            (Some(old), Some(new)) => Some(format!("{name} {old} -> {new}")),
            (Some(old), None) => Some(format!("- {name} {old}")),
            (None, new) => new.map(|it| format!("+ {name} {it}")),
        };
        names.into_iter().filter_map(change).collect()
    }

    fn versions(&self) -> BTreeMap<String, String> {
        let conda = self.conda.iter().filter_map(|it| it.name_version_build());
        let conda = conda.map(|(name, version, build)| (name.to_owned(), format!("{version} {build}")));
        let pip = self.pylock.packages.iter().map(|(name, it)| (name.clone(), version(it)));
        // Where conda has made it, Python is among its packages, with a build.
        once(("python".to_owned(), self.python.clone())).chain(conda).chain(pip).into_map()
    }
}

fn version(package: &LockedPackage) -> String {
    let version = package.version.clone().unwrap_or_default();
    match &package.source {
        LockedSource::Vcs { commit, .. } => format!("{version} at {commit}").trim_start().to_owned(),
        _ => version,
    }
}
