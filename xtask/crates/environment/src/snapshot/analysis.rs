//! Which installed packages `environment.yml` lists, which somebody installed by hand, and which are dependencies.

use std::collections::{BTreeSet, HashSet};

use process::{IntoSet as _, without_credentials};
use report::{Code, Findings, Source};
use specs::{
    Channel,
    python::{MarkerEnvironment, PipLine, normalised},
};

use super::{
    CondaRecord, DirectUrl, Distribution, Installer, PackageOutcome, Snapshot,
    listed::{ListedPackage, listed_packages},
    reach::NeededDistributions,
    requirement_of,
};
use crate::{
    AddressLogin, EnvironmentFile, EnvironmentYml, OwnDistributions,
    freeze::{AddedSpec, PackageList, Pins},
};

/// The installed packages, by the reason for which they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Analysis {
    /// In the order of the file, conda's list first.
    pub listed: Vec<ListedPackage>,
    /// Not listed and needed by no other package: somebody installed them by hand. By list and name.
    pub by_hand: Vec<AddedSpec>,
    /// Dependencies of listed packages and of those. By list and name.
    pub transitive: Vec<AddedSpec>,
    /// Packages that only this machine has, and those that pip has installed over conda's.
    pub findings: Findings,
    markers: MarkerEnvironment,
}

/// Every environment has these, so that their presence does not mean that somebody installed them by hand.
const TOOLS: [&str; 5] = ["python", "pip", "setuptools", "uv", "wheel"];

impl Analysis {
    /// Holds a snapshot against `environment.yml`; `project` is the name of the project's own distribution, in any spelling.
    pub fn new(snapshot: &Snapshot, file: &EnvironmentFile, project: &str) -> Self {
        let (environment, source) = (file.environment(), file.source());
        let listed = listed_packages(snapshot, environment);
        let mut analyst = Analyst {
            snapshot,
            environment,
            source,
            own: OwnDistributions::new(project, environment),
            analysis: Self { listed, markers: snapshot.interpreter.markers.clone(), ..Self::default() },
        };
        analyst.local_installs();
        analyst.clobbered();
        analyst.conda();
        analyst.pip();
        analyst.analysis
    }

    /// What the lines are pinned to, for [`freeze`](crate::freeze::freeze).
    pub fn pins(&self) -> Pins {
        let mut pins = Pins::default();
        for ListedPackage { list, name, outcome, .. } in &self.listed {
            match (list, outcome) {
                (PackageList::Conda, PackageOutcome::Pinned(pin)) => pins.conda(name, pin.clone()),
                (PackageList::Pip, PackageOutcome::Pinned(pin)) => pins.pip(name, pin.clone()),
                _ => {}
            }
        }
        pins
    }

    /// Whether a line of the `pip:` section may be pinned here: its marker holds, and the package can be installed elsewhere.
    pub fn applies(&self, line: &PipLine) -> bool {
        let Some((requirement, _)) = requirement_of(line) else { return true };
        let name = normalised(&requirement.name);
        let holds = requirement.marker.as_ref().is_none_or(|it| it.holds(&self.markers, ""));
        holds && self.line(PackageList::Pip, &name).is_none_or(|it| it.outcome != PackageOutcome::Kept)
    }

    /// The listed packages of which nothing is installed, though something should be.
    pub fn missing(&self) -> impl Iterator<Item = (PackageList, &str)> {
        let is_there = |it: &ListedPackage| matches!(it.outcome, PackageOutcome::Pinned(_) | PackageOutcome::Kept);
        let has_another = move |it: &ListedPackage| {
            self.listed.iter().any(|other| (other.list, &other.name) == (it.list, &it.name) && is_there(other))
        };
        let missing = self.listed.iter().filter(|it| it.outcome == PackageOutcome::Missing);
        missing.filter(move |it| !has_another(it)).map(|it| (it.list, it.name.as_str()))
    }

    pub fn line(&self, list: PackageList, name: &str) -> Option<&ListedPackage> {
        self.listed.iter().find(|it| it.list == list && it.name == name)
    }
}

struct Analyst<'a> {
    snapshot: &'a Snapshot,
    environment: &'a EnvironmentYml,
    source: &'a Source,
    own: OwnDistributions,
    analysis: Analysis,
}

impl<'a> Analyst<'a> {
    /// The distributions that pip or uv has installed, without those of the repository.
    fn foreign(&self) -> Vec<(String, &'a Distribution)> {
        let all = self.snapshot.pip().map(|it| (it.normalised_name(), it));
        all.filter(|(name, _)| !self.own.has(name)).collect()
    }

    fn local_installs(&mut self) {
        for (name, distribution) in self.foreign().into_iter().filter(|(_, it)| it.pin().is_none()) {
            let what = match &distribution.origin {
                Some(DirectUrl::Directory { url, editable: true }) => format!("installed as editable from `{url}`"),
                Some(
                    DirectUrl::Directory { url, .. } | DirectUrl::Archive { url, .. } | DirectUrl::Vcs { url, .. },
                ) => {
                    format!("installed from `{url}`")
                }
                None => continue,
            };
            let message = format!("`{}` is {what}, which no other machine has", distribution.name);
            let help =
                format!("push it to a repository or an index, and list it as `{name} @ git+URL` or `{name}==VERSION`");
            self.find(Code::LocalInstall, PackageList::Pip, &name, message, &help);
        }
    }

    /// The distributions that pip or uv has installed over those of a conda package, with that package.
    fn over_conda(&self) -> Vec<(&'a CondaRecord, String, &'a Distribution)> {
        let owner = |name: &String| self.snapshot.conda.iter().find(|it| it.distributions.contains(name));
        self.foreign().into_iter().filter_map(|(name, it)| Some((owner(&name)?, name, it))).collect()
    }

    fn clobbered(&mut self) {
        for (record, name, distribution) in self.over_conda() {
            let message = format!(
                "`{name}` {} was installed by pip over conda's {} {}",
                distribution.version, record.name, record.version
            );
            let help = format!(
                "install it with one of the two: from conda, or as `{name}=={}` below `- pip:`",
                distribution.version
            );
            self.find(Code::Clobbered, PackageList::Conda, &record.name, message, &help);
        }
    }

    /// A finding at the line that asks for a package, or about the file where none does.
    fn find(&mut self, code: Code, list: PackageList, name: &str, message: String, help: &str) {
        let finding = match self.analysis.line(list, name) {
            Some(line) => self.source.at(code, line.span, message),
            None => self.source.about(code, message),
        };
        self.analysis.findings.push(finding.help(help));
    }

    fn conda(&mut self) {
        let mut needed: HashSet<&str> = HashSet::new();
        for record in &self.snapshot.conda {
            needed.extend(record.depends.iter().map(String::as_str).filter(|it| *it != record.name));
        }
        // Records have no user, password or token.
        let bare = |it: &Channel| without_credentials(&AddressLogin::bare(&it.to_string())).0;
        let channels: Vec<String> = self.environment.channels.iter().map(|it| bare(&it.0)).collect();
        for record in &self.snapshot.conda {
            if self.environment.conda_package(&record.name).is_some() {
                continue;
            }
            // Without a list, they come from where conda is set up to look.
            let is_listed = channels.is_empty() || record.is_from_one_of(channels.iter().map(String::as_str));
            let channel = record.channel.clone().filter(|_| !is_listed);
            let package = AddedSpec::Conda { channel, name: record.name.clone(), version: record.version.clone() };
            // An installation from the lock counts as asking for all, so asking alone is no sign.
            let is_by_hand = !record.requested.is_empty()
                && !needed.contains(record.name.as_str())
                && !TOOLS.contains(&record.name.as_str());
            let list = if is_by_hand { &mut self.analysis.by_hand } else { &mut self.analysis.transitive };
            list.push(package);
        }
    }

    fn pip(&mut self) {
        let mut reach = self.explained();
        let mut unexplained = self.foreign().into_iter().map(|(name, _)| name).filter(|it| !reach.has(it)).into_set();
        let mut by_hand = BTreeSet::new();
        while let Some(root) = reach.first_root(&unexplained).cloned() {
            reach.add(&root, &[]);
            by_hand.insert(root);
            unexplained = unexplained.into_iter().filter(|it| !reach.has(it)).into_set();
        }
        for (name, distribution) in self.foreign() {
            let is_listed = self.analysis.line(PackageList::Pip, &name).is_some() || self.is_for_uv(&name);
            let Some(pin) = distribution.pin().filter(|_| !is_listed) else { continue };
            let list = if by_hand.contains(&name) { &mut self.analysis.by_hand } else { &mut self.analysis.transitive };
            list.push(AddedSpec::Pip { name: distribution.name.clone(), pin });
        }
    }

    /// Whether the conda list asks for it where there is no conda.
    fn is_for_uv(&self, name: &str) -> bool {
        self.snapshot.conda.is_empty() && self.analysis.line(PackageList::Conda, name).is_some()
    }

    /// All distributions for which there is a reason already.
    fn explained(&self) -> NeededDistributions<'a> {
        let mut reach = NeededDistributions::new(self.snapshot);
        self.own.names().for_each(|it| reach.add(it, &[]));
        for (line, _) in &self.environment.pip {
            if let Some((requirement, _)) = requirement_of(line) {
                reach.add(&requirement.name, &requirement.extras);
            }
        }
        for tool in TOOLS {
            reach.add(tool, &[]);
        }
        let condas = self.snapshot.distributions.iter().filter(|it| it.installer == Installer::Conda);
        condas.for_each(|it| reach.add(&it.name, &[]));
        // There is a finding for each of these.
        for (name, _) in self.foreign().iter().filter(|(_, it)| it.pin().is_none()) {
            reach.add(name, &[]);
        }
        self.over_conda().iter().for_each(|(_, name, _)| reach.add(name, &[]));
        reach
    }
}

#[cfg(test)]
mod tests;
