//! `pixi.lock`.
//!
//! Version 6 of it, which pixi has written since 2024: py-rattler 0.28.0 reads and writes 7 too, but conda's own reader
//! (conda-lockfiles 0.2.2) knows 6 alone. Sources: rattler's `rattler_lock`, which reads it; pixi's `pixi_record` for the
//! addresses of repositories.

use process::{IntoMap as _, sort};
use std::collections::BTreeMap;

use crate::conda::{CondaDescription, CondaPackage};

use super::super::{
    Lock, LockedPackage, LockedSource,
    yaml_text::{list, pair, scalar},
};
use super::{LockFormat, artefact, sha256, version, with_subdirs};

const HOW: &str =
    "Beside a pixi.toml with the same channels, platforms and packages, it is installed by: pixi install --frozen";

pub(super) fn text(locks: &[Lock], known: &CondaDescription) -> String {
    let mut text = LockFormat::Pixi.heading(HOW) + "version: 6\nenvironments:\n  default:\n    channels:\n";
    text.extend(known.channels.iter().map(|it| format!("    - url: {}\n", scalar(&format!("{it}/")))));
    let (platforms, mut packages) = (with_subdirs(locks), Vec::new());
    for (_, lock) in &platforms {
        packages.extend(&lock.pylock.packages);
    }
    let mut indexes: Vec<&str> = packages.iter().filter_map(|(_, it)| it.index.as_deref()).collect();
    sort(&mut indexes);
    indexes.dedup();
    text += &list("    ", "indexes", indexes);
    text += "    packages:\n";
    for (subdir, lock) in &platforms {
        text += &format!("      {subdir}:\n");
        text.extend(known.of(&lock.conda).map(|it| format!("      - conda: {}\n", scalar(&it.url))));
        text.extend(lock.pylock.packages.values().map(|it| format!("      - pypi: {}\n", scalar(&place(it)))));
    }
    // What several platforms have stands there once, by its name and then by its address.
    let conda: BTreeMap<String, String> = platforms
        .iter()
        .flat_map(|(_, lock)| known.of(&lock.conda))
        .map(|it| (format!("{} {}", it.name, it.url), of_conda(it)))
        .into_map();
    let pypi: BTreeMap<String, String> =
        packages.iter().map(|(name, it)| (format!("{name} {}", place(it)), of_pypi(name, it))).into_map();
    text += "packages:\n";
    text.extend(conda.into_values());
    text.extend(pypi.into_values());
    text
}

fn of_conda(package: &CondaPackage) -> String {
    let mut text = pair("- ", "conda", &package.url);
    let mut line = |key: &str, value: &str| text += &pair("  ", key, value);
    // Readers would tell these from the address, and not rightly from every one.
    line("name", &package.name);
    line("version", &package.version);
    line("build", &package.build);
    text += &format!("  build_number: {}\n", package.build_number);
    let mut line = |key: &str, value: Option<&String>| text.extend(value.map(|it| pair("  ", key, it)));
    line("subdir", Some(&package.subdir));
    line("noarch", package.noarch.as_ref());
    line("sha256", package.sha256.as_ref());
    line("md5", package.md5.as_ref());
    let texts = |key: &str, of: &[String]| list("  ", key, of.iter().map(String::as_str));
    text += &texts("depends", &package.depends);
    text += &texts("constrains", &package.constrains);
    text.extend(package.features.as_ref().map(|it| pair("  ", "features", it)));
    text += &texts("track_features", &package.track_features);
    text.extend(package.license.as_ref().map(|it| pair("  ", "license", it)));
    text.extend(package.license_family.as_ref().map(|it| pair("  ", "license_family", it)));
    text += &purls(package);
    text.extend(package.size.map(|it| format!("  size: {it}\n")));
    text.extend(package.timestamp.map(|it| format!("  timestamp: {it}\n")));
    let modules = package.python_site_packages_path.as_ref();
    text.extend(modules.map(|it| pair("  ", "python_site_packages_path", it)));
    text
}

/// What the package is on PyPI. An empty list says that it is nothing there, none that nobody knows.
fn purls(package: &CondaPackage) -> String {
    let purls: Vec<String> = package.distributions.iter().map(|it| format!("pkg:pypi/{}", it.name)).collect();
    if purls.is_empty() { "  purls: []\n".to_owned() } else { list("  ", "purls", purls.iter().map(String::as_str)) }
}

fn of_pypi(name: &str, package: &LockedPackage) -> String {
    let digest = artefact(package).and_then(|it| sha256(&it.hashes));
    let mut text = pair("- ", "pypi", &place(package));
    text += &pair("  ", "name", name);
    text += &pair("  ", "version", version(package));
    text.extend(digest.map(|it| pair("  ", "sha256", it)));
    text
}

/// The address of a distribution, with which pixi knows how it was asked for.
fn place(package: &LockedPackage) -> String {
    match &package.source {
        LockedSource::Index { .. } => artefact(package).map(|it| it.url.clone()).unwrap_or_default(),
        LockedSource::Archive { artefact, subdirectory } => {
            let fragment = subdirectory.as_ref().map(|it| format!("#subdirectory={it}")).unwrap_or_default();
            format!("direct+{}{fragment}", artefact.url)
        }
        LockedSource::Vcs { kind, url, commit, requested_revision, subdirectory } => {
            let subdirectory = subdirectory.as_ref().map(|it| format!("subdirectory={it}&")).unwrap_or_default();
            let revision = requested_revision.as_ref().unwrap_or(commit);
            format!("{kind}+{url}?{subdirectory}rev={revision}#{commit}")
        }
    }
}
