//! The lines of `environment.yml`, with what is installed of each.

use report::Span;
use specs::{
    conda::MatchSpec,
    python::{PipLine, Requirement, normalised},
};

use super::{CondaRecord, Snapshot};
use crate::{
    EnvironmentYml,
    freeze::{PackageList, Pin},
};

/// What is installed of a package that `environment.yml` lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageOutcome {
    Pinned(Pin),
    /// Installed from a directory of this machine, or from the URL in its line: there is no version to pin.
    Kept,
    /// Its marker does not hold here, so it is rightly missing.
    NotHere,
    Missing,
}

/// A line of `environment.yml` that names a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPackage {
    pub list: PackageList,
    /// The package: lower-case for conda, normalised (PEP 503) for pip.
    pub name: String,
    /// The place of the entry.
    pub span: Span,
    pub outcome: PackageOutcome,
}

/// Every line that names a package, in the order of the file, conda's list first.
pub(super) fn listed_packages(snapshot: &Snapshot, environment: &EnvironmentYml) -> Vec<ListedPackage> {
    conda_lines(snapshot, environment).chain(pip_lines(snapshot, environment)).collect()
}

fn conda_lines(snapshot: &Snapshot, environment: &EnvironmentYml) -> impl Iterator<Item = ListedPackage> {
    environment.conda.iter().map(|(spec, span)| {
        let outcome = conda_outcome(snapshot, spec);
        ListedPackage { list: PackageList::Conda, name: spec.name.clone(), span: *span, outcome }
    })
}

fn conda_outcome(snapshot: &Snapshot, spec: &MatchSpec) -> PackageOutcome {
    let version = match snapshot.conda_record(&spec.name) {
        Some(_) if spec.url.is_some() => return PackageOutcome::Kept,
        Some(CondaRecord { version, build, .. }) => {
            return PackageOutcome::Pinned(Pin::Build { version: version.clone(), build: build.clone() });
        }
        // Where uv has made the environment, it has installed these few as Python distributions.
        None if snapshot.conda.is_empty() && spec.name == "python" => Some(snapshot.interpreter.version.clone()),
        None if snapshot.conda.is_empty() => {
            snapshot.distribution(&normalised(&spec.name)).map(|it| it.version.clone())
        }
        None => None,
    };
    version.map_or(PackageOutcome::Missing, |it| PackageOutcome::Pinned(Pin::Version(it)))
}

fn pip_lines(snapshot: &Snapshot, environment: &EnvironmentYml) -> impl Iterator<Item = ListedPackage> {
    environment.pip.iter().filter_map(|(line, span)| {
        let (requirement, is_named) = requirement_of(line)?;
        let name = normalised(&requirement.name);
        let is_wanted = requirement.marker.as_ref().is_none_or(|it| it.holds(&snapshot.interpreter.markers, ""));
        let outcome = match snapshot.distribution(&name) {
            _ if !is_wanted => PackageOutcome::NotHere,
            Some(distribution) => distribution.pin().map_or(PackageOutcome::Kept, PackageOutcome::Pinned),
            // A URL tells the name of what it leads to only by chance.
            None if !is_named => PackageOutcome::Kept,
            None => PackageOutcome::Missing,
        };
        Some(ListedPackage { list: PackageList::Pip, name, span: *span, outcome })
    })
}

/// The requirement in a line, and whether the line names it (a bare URL does not); `None` for options.
pub(crate) fn requirement_of(line: &PipLine) -> Option<(Requirement, bool)> {
    match line {
        PipLine::Requirement { requirement, .. } => Some((requirement.clone(), true)),
        PipLine::Url { named, .. } => match PipLine::parse(named) {
            Ok(PipLine::Requirement { requirement, .. }) => Some((requirement, false)),
            _ => None,
        },
        _ => None,
    }
}
