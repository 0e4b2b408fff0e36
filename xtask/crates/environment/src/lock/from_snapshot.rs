//! Locks made from snapshots.

use process::{IntoMap as _, sort, sort_by};
use std::collections::{BTreeMap, HashSet};

use report::{Code, Finding, Findings};
use specs::python::{Version, normalised};

use super::{
    Artefact, CONDA, CondaFile, LayerPlan, Lock, LockOrigin, LockedPackage, LockedSource, NormalisedIntent, PYLOCK,
    Pylock, listed_digests::keep_listed_files,
};
use crate::{
    Intent, Solver,
    conda::with_needs,
    snapshot::{CondaRecord, DirectUrl, Distribution, Installer, Snapshot},
};

impl Lock {
    /// The lock of a snapshot. `intent` is without the pins of `freeze`; `artefacts` is what uv has
    /// answered to the [`PylockRequest`](super::PylockRequest) for the same snapshot; `before` are the lock of before and what was
    /// solved last, from which the packages may have been installed; `project` is the name of the project's own distribution,
    /// which is in no lock; `layers` are those of before. What cannot be installed from anywhere is left out where there is a
    /// finding of the analysis for it; what nobody knows the file of is an error, and so is a file that the index has replaced.
    pub fn new(
        snapshot: &Snapshot,
        intent: &Intent,
        artefacts: &Pylock,
        before: &[&Self],
        origin: LockOrigin,
        project: &str,
        layers: Option<&LayerPlan>,
    ) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let mut missing = |file: &str, message: String, help: &str| {
            let path = Self::folder_of(&snapshot.platform, origin.variant.as_ref()).join(file);
            findings.push(Finding::about(Code::NoArtefact, &path, message).help(help));
        };
        let mut conda = Vec::new();
        if origin.solver == Solver::Conda {
            for record in in_order(&snapshot.conda) {
                match CondaFile::of(record) {
                    Some(file) => conda.push(file),
                    None => missing(
                        CONDA,
                        format!("conda has no record of where `{}` {} comes from", record.name, record.version),
                        "reinstall it from a channel",
                    ),
                }
            }
        }
        let project = normalised(project);
        let mut packages = BTreeMap::new();
        for distribution in snapshot.pip().filter(|it| it.normalised_name() != project && it.pin().is_some()) {
            let name = distribution.normalised_name();
            let before = before.iter().filter_map(|it| it.pylock.packages.get(&name));
            match locked(distribution, artefacts.packages.get(&name), before) {
                Ok(package) => drop(packages.insert(name, package)),
                Err(why) => missing(
                    PYLOCK,
                    format!("no file is known for `{name}` {}: {why}", distribution.version),
                    "name the index that has it with `--extra-index-url` below `- pip:`, or install a version that is there",
                ),
            }
        }
        let requires_python = Some(requires_python(&snapshot.interpreter.version));
        let mut pylock = Pylock { requires_python, packages };
        findings.extend(keep_listed_files(&intent.environment, &mut pylock));
        if !findings.is_empty() {
            return Err(findings);
        }
        let base =
            with_needs("python", &snapshot.conda.iter().map(|it| (it.name.as_str(), it.depends.as_slice())).into_map());
        let lock = Self {
            platform: snapshot.platform.clone(),
            python: snapshot.interpreter.version.clone(),
            intent: NormalisedIntent::new(intent, origin.solver),
            conda,
            conda_distributions: conda_distributions(snapshot),
            system: snapshot.system.clone(),
            pylock,
            apt: snapshot.apt.iter().map(|it| (it.qualified_name(&snapshot.platform), it.version.clone())).into_map(),
            origin,
            layers: LayerPlan::default(),
        };
        Ok(lock.layered(Some(base), layers))
    }
}

fn conda_distributions(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let of_conda = snapshot.distributions.iter().filter(|it| it.installer == Installer::Conda);
    of_conda.map(|it| (it.normalised_name(), it.version.clone())).into_map()
}

/// The Pythons that wheels of one are for: all of its minor version.
pub(super) fn requires_python(version: &str) -> String {
    let numbers: Vec<&str> = version.splitn(3, '.').take(2).collect();
    format!("=={}.*", numbers.join("."))
}

/// The packages, each behind those that it needs: installing runs scripts that may want these.
pub(super) fn in_order(records: &[CondaRecord]) -> Vec<&CondaRecord> {
    // Of two of one name the last counts.
    let mut by_name: Vec<&CondaRecord> = records.iter().rev().collect();
    sort_by(&mut by_name, |one, other| one.name.cmp(&other.name));
    by_name.dedup_by(|one, other| one.name == other.name);
    let find = |name: &str| by_name.binary_search_by(|it| it.name.as_str().cmp(name)).map(|at| by_name[at]).ok();
    let (mut ordered, mut seen) = (Vec::new(), HashSet::new());
    for record in &by_name {
        // A package is entered, then all that it needs, and then it is left and takes its place.
        let mut steps = vec![(*record, false)];
        while let Some((record, is_left)) = steps.pop() {
            if is_left {
                ordered.push(record);
            } else if seen.insert(record.name.as_str()) {
                steps.push((record, true));
                let mut needs: Vec<&str> = record.depends.iter().map(String::as_str).collect();
                sort(&mut needs);
                steps.extend(needs.into_iter().rev().filter_map(find).map(|it| (it, false)));
            }
        }
    }
    ordered
}

/// A distribution with the file that it was installed from; `Err` says why there is none.
fn locked<'a>(
    distribution: &Distribution,
    offered: Option<&LockedPackage>,
    before: impl Iterator<Item = &'a LockedPackage>,
) -> Result<LockedPackage, String> {
    let version = Some(distribution.version.clone());
    match &distribution.origin {
        Some(DirectUrl::Vcs { vcs, url, commit, requested_revision, subdirectory }) => {
            let source = LockedSource::Vcs {
                kind: vcs.clone(),
                url: url.clone(),
                commit: commit.clone(),
                requested_revision: requested_revision.clone(),
                subdirectory: subdirectory.clone(),
            };
            return Ok(LockedPackage { version, index: None, source });
        }
        Some(DirectUrl::Archive { url, hashes, subdirectory }) if hashes.contains_key("sha256") => {
            let url = url.split('#').next().unwrap_or(url).to_owned();
            let artefact = Artefact { url, size: None, hashes: hashes.clone() };
            let source = LockedSource::Archive { artefact, subdirectory: subdirectory.clone() };
            return Ok(LockedPackage { version, index: None, source });
        }
        _ => {}
    }
    let offered = offered.ok_or("no index has one")?;
    let is_same = |it: &String| match (Version::parse(it), Version::parse(&distribution.version)) {
        (Some(known), Some(installed)) => known == installed,
        _ => *it == distribution.version,
    };
    if let Some(other) = offered.version.as_ref().filter(|it| !is_same(it)) {
        return Err(format!("the index has {other}"));
    }
    let mut before = before.filter(|it| it.version.as_ref().is_some_and(is_same));
    let used = before.find_map(|it| it.installed_as(distribution.wheel.as_ref()));
    if let Some(file) = used.as_ref().and_then(|it| it.replaced_in(offered)) {
        return Err(format!("the index has another file of the name `{file}` than was installed"));
    }
    let package =
        used.or_else(|| offered.installed_as(distribution.wheel.as_ref())).unwrap_or_else(|| offered.of_one_file());
    Ok(LockedPackage { version, ..package })
}
