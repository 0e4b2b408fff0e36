//! `conda-lock.yml`, version 1.
//!
//! Tried with conda-lock 4.0.3. It knows conda's packages by their MD5, and reads the spec of each dependency, but installs
//! what is listed.

use std::collections::BTreeMap;

use crate::conda::{CondaDescription, CondaPackage};

use super::super::{
    Lock, LockedPackage, LockedSource,
    yaml_text::{list, pair, scalar},
};
use super::{LockFormat, artefact, channels_of, sha256, version, with_subdirs};

const HOW: &str = "Installed by: conda-lock install --prefix DIRECTORY conda-lock.yml";

pub(super) fn text(locks: &[Lock], known: &CondaDescription) -> String {
    let mut text = LockFormat::CondaLock.heading(HOW) + "version: 1\nmetadata:\n  content_hash:\n";
    let platforms = with_subdirs(locks);
    text.extend(platforms.iter().map(|(subdir, lock)| pair("    ", subdir, &lock.intent.sha256())));
    text += "  channels:\n";
    let channels = channels_of(locks);
    text.extend(channels.iter().map(|it| format!("  - url: {}\n    used_env_vars: []\n", scalar(it))));
    text += &list("  ", "platforms", platforms.iter().map(|(subdir, _)| *subdir));
    text += &list("  ", "sources", ["dependencies/environment.yml"]);
    text += "package:\n";
    for (subdir, lock) in platforms {
        text.extend(known.of(&lock.conda).map(|it| of_conda(subdir, it)));
        text.extend(lock.pylock.packages.iter().map(|(name, it)| of_pip(subdir, name, it)));
    }
    text
}

fn of_conda(subdir: &str, package: &CondaPackage) -> String {
    let mut dependencies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for spec in &package.depends {
        let (name, constraint) = spec.split_once(' ').unwrap_or((spec, ""));
        let constraints = dependencies.entry(name.to_owned()).or_default();
        constraints.extend(Some(constraint.trim()).filter(|it| !it.is_empty()).map(str::to_owned));
    }
    let dependencies: String =
        dependencies.iter().map(|(name, constraints)| pair("    ", name, &constraints.join(","))).collect();
    let digests = [("md5", package.md5.as_deref()), ("sha256", package.sha256.as_deref())];
    entry("conda", subdir, &package.name, &package.version)
        + &mapping("dependencies", &dependencies)
        + &pair("  ", "url", &package.url)
        + &mapping("hash", &lines(&digests))
        + CATEGORY
}

fn of_pip(subdir: &str, name: &str, package: &LockedPackage) -> String {
    let (url, digest) = place(package);
    entry("pip", subdir, name, version(package))
        + &mapping("dependencies", "")
        + &pair("  ", "url", &url)
        + &mapping("hash", &lines(&[("sha256", digest)]))
        + CATEGORY
}

const CATEGORY: &str = "  category: main\n  optional: false\n";

fn entry(manager: &str, subdir: &str, name: &str, version: &str) -> String {
    pair("- ", "name", name)
        + &pair("  ", "version", version)
        + &pair("  ", "manager", manager)
        + &pair("  ", "platform", subdir)
}

fn mapping(key: &str, lines: &str) -> String {
    if lines.is_empty() { format!("  {key}: {{}}\n") } else { format!("  {key}:\n{lines}") }
}

fn lines(pairs: &[(&str, Option<&str>)]) -> String {
    pairs.iter().filter_map(|(key, value)| Some(pair("    ", key, (*value)?))).collect()
}

/// The address that pip is given, and the digest, which conda-lock puts behind `#`. Where there is a fragment already, the
/// digest has to be in it.
fn place(package: &LockedPackage) -> (String, Option<&str>) {
    let digest = artefact(package).and_then(|it| sha256(&it.hashes));
    match &package.source {
        LockedSource::Archive { artefact, subdirectory: Some(subdirectory) } => {
            let digest = digest.map(|it| format!("sha256={it}&")).unwrap_or_default();
            (format!("{}#{digest}subdirectory={subdirectory}", artefact.url), None)
        }
        LockedSource::Index { .. } | LockedSource::Archive { .. } => {
            (artefact(package).map(|it| it.url.clone()).unwrap_or_default(), digest)
        }
        LockedSource::Vcs { kind, url, commit, subdirectory, .. } => {
            let fragment = subdirectory.as_ref().map(|it| format!("#subdirectory={it}")).unwrap_or_default();
            (format!("{kind}+{url}@{commit}{fragment}"), None)
        }
    }
}
