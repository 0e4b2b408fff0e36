//! How a live environment differs from `environment.yml` and from the lock, in both directions.

use std::collections::BTreeMap;

use process::{IntoMap as _, IntoSet as _, with_user_of, without_credentials};
use report::{Code, Finding, Findings, Source, Span};
use specs::{
    conda::{CondaOperator, MatchSpec, VersionSpec, pep440},
    python::{Requirement, RequirementSource, SpecifierSet, Version, normalised},
};

use super::{
    EnvironmentFile, EnvironmentYml, OwnDistributions,
    freeze::{AddedSpec, PackageList, Pin},
    lock::{self, Lock, LockedPackage, LockedSource},
    snapshot::{Analysis, DirectUrl, Distribution, LostFiles, PackageOutcome, Snapshot, requirement_of},
};

/// Everything in which a snapshot differs from `environment.yml` and from the lock. What makes
/// the environment impossible to make again is among the findings, too. `project` is the name of the project's own
/// distribution, in any spelling.
pub fn drift(snapshot: &Snapshot, file: &EnvironmentFile, lock: Option<&Lock>, project: &str) -> Findings {
    let (environment, source) = (file.environment(), file.source());
    let analysis = Analysis::new(snapshot, file, project);
    let mut comparison = Comparison { snapshot, source, analysis: &analysis, findings: analysis.findings.clone() };
    comparison.conda_lines(environment);
    comparison.pip_lines(environment);
    comparison.constraints(environment);
    comparison.local_projects(environment);
    comparison.installed_by_hand();
    comparison.files_lost();
    if let Some(lock) = lock {
        comparison.lock(lock, &OwnDistributions::new(project, environment));
    }
    comparison.findings.sorted()
}

struct Comparison<'a> {
    snapshot: &'a Snapshot,
    source: &'a Source,
    analysis: &'a Analysis,
    findings: Findings,
}

impl<'a> Comparison<'a> {
    fn outcome(&self, list: PackageList, span: Span) -> Option<&'a PackageOutcome> {
        self.analysis.listed.iter().find(|it| it.list == list && it.span == span).map(|it| &it.outcome)
    }

    fn conda_lines(&mut self, environment: &EnvironmentYml) {
        for (spec, span) in &environment.conda {
            let wanted = spec.text.split('#').next().unwrap_or_default().trim();
            match self.outcome(PackageList::Conda, *span) {
                Some(PackageOutcome::Missing) => self.not_installed(&spec.name, *span),
                Some(PackageOutcome::Pinned(Pin::Version(version) | Pin::Build { version, .. }))
                    if !allows_version(spec, version) =>
                {
                    self.other_installed(&spec.name, *span, spec.pinned_version(), wanted, version);
                }
                Some(PackageOutcome::Pinned(Pin::Build { build, .. })) if !spec.allows_build(build) => {
                    self.other_installed(&spec.name, *span, spec.exact_build(), wanted, build);
                }
                _ => {}
            }
        }
    }

    fn pip_lines(&mut self, environment: &EnvironmentYml) {
        for (line, span) in &environment.pip {
            let Some((requirement, _)) = requirement_of(line) else { continue };
            let name = normalised(&requirement.name);
            match (self.outcome(PackageList::Pip, *span), self.snapshot.distribution(&name)) {
                (Some(PackageOutcome::Missing), _) => self.not_installed(&name, *span),
                (Some(PackageOutcome::Pinned(pin)), Some(distribution)) => {
                    if let Some((wanted, is_pin)) = unmet(&requirement, distribution) {
                        let (Pin::Version(installed) | Pin::Build { version: installed, .. } | Pin::Url(installed)) =
                            pin;
                        let pinned = is_pin.then_some(wanted.as_str());
                        self.other_installed(&name, *span, pinned, &wanted, installed);
                    }
                }
                _ => {}
            }
        }
    }

    fn constraints(&mut self, environment: &EnvironmentYml) {
        for (line, span) in &environment.constraints {
            let Some((requirement, _)) = requirement_of(line) else { continue };
            let holds = requirement.marker.as_ref().is_none_or(|it| it.holds(&self.snapshot.interpreter.markers, ""));
            // What conda brings is not pip's to choose.
            let name = normalised(&requirement.name);
            let Some(distribution) = self.snapshot.pip().find(|it| it.normalised_name() == name).filter(|_| holds)
            else {
                continue;
            };
            if let Some((wanted, is_pin)) = unmet(&requirement, distribution) {
                let pinned = is_pin.then_some(wanted.as_str());
                self.other_installed(&name, *span, pinned, &wanted, &distribution.version);
            }
        }
    }

    fn local_projects(&mut self, environment: &EnvironmentYml) {
        for project in &environment.projects {
            let name = project.name();
            match self.snapshot.distribution(&name) {
                None => self.not_installed(&name, project.span),
                Some(Distribution { origin: Some(DirectUrl::Directory { .. }), .. }) => {}
                Some(other) => {
                    let wanted = format!("-e {}", project.folder);
                    self.other_installed(&name, project.span, None, &wanted, &other.version);
                }
            }
        }
    }

    fn not_installed(&mut self, name: &str, span: Span) {
        let finding = self.source.at(Code::NotInstalled, span, format!("`{name}` is listed but not installed"));
        self.findings.push(finding.help("rebuild, or remove the line"));
    }

    fn other_installed(&mut self, name: &str, span: Span, pinned: Option<&str>, wanted: &str, installed: &str) {
        let message = match pinned {
            Some(version) => format!("{name} {version} pinned, {installed} installed"),
            None => format!("`{}` required, {installed} installed", without_credentials_in(wanted)),
        };
        let finding = self.source.at(Code::OtherInstalled, span, message);
        self.findings.push(match span.included() {
            None => finding.help("rebuild, or keep what is installed with `cargo xtask freeze`"),
            // `freeze` does not write into included files.
            Some(_) => finding.help("rebuild, or change this line"),
        });
    }

    fn installed_by_hand(&mut self) {
        for package in &self.analysis.by_hand {
            let list = package.list().name();
            let message = format!("`{}` was installed with {list} but is not listed", shown(package));
            let finding = self.source.about(Code::NotListed, message);
            self.findings.push(finding.help("`cargo xtask freeze` adds it; the next build will not have it"));
        }
    }

    fn files_lost(&mut self) {
        for LostFiles { package, count, first } in &self.snapshot.lost {
            let files = if *count == 1 { "a file" } else { "files" };
            let more = if *count == 1 { String::new() } else { format!(" and {} more", count - 1) };
            let message = format!("{package} is installed and lacks {files}: `{first}`{more}");
            let finding = self.source.about(Code::FilesLost, message);
            self.findings.push(finding.help("`cargo xtask build --force` makes the environment anew"));
        }
    }

    fn lock(&mut self, lock: &Lock, own: &OwnDistributions) {
        let python = (lock.python.clone(), self.snapshot.interpreter.version.clone());
        let differing = (python.0 != python.1).then(|| ("python".to_owned(), (Some(python.0), Some(python.1))));
        self.not_as_locked(lock::HEADER, PackageList::Conda, lock, differing);

        let locked = lock.conda.iter().filter_map(|it| it.name_version_build());
        let locked = locked.map(|(name, version, build)| (name.to_owned(), format!("{version} {build}")));
        let installed = self.snapshot.conda.iter();
        let installed = installed.map(|it| (it.name.clone(), format!("{} {}", it.version, it.build)));
        let differing = differing_entries(&locked.into_map(), &installed.into_map());
        self.not_as_locked(lock::CONDA, PackageList::Conda, lock, differing);

        let locked = lock.pylock.packages.iter().map(|(name, it)| (name.clone(), identity_in_lock(it)));
        let installed = self.snapshot.pip().filter(|it| !own.has(&it.normalised_name()));
        let installed = installed.filter_map(|it| Some((it.normalised_name(), identity(it)?)));
        let differing = differing_entries(&locked.into_map(), &installed.into_map());
        self.not_as_locked(lock::PYLOCK, PackageList::Pip, lock, differing);
        self.other_files(lock);

        for package in &self.snapshot.apt {
            let name = package.qualified_name(&self.snapshot.platform);
            if let Some(version) = lock.apt.get(&name).filter(|it| **it != package.version) {
                let message = format!("{name} {version} recorded, {} installed", package.version);
                let file = lock.folder().join(lock::APT);
                let help = "`cargo xtask freeze` records what is installed; apt's archives rarely have the older one";
                self.findings.push(Finding::about(Code::AptNotAsLocked, &file, message).help(help));
            }
        }
    }

    /// Packages of the locked version that were installed from another wheel of it.
    fn other_files(&mut self, lock: &Lock) {
        let file = lock.folder().join(lock::PYLOCK);
        for distribution in self.snapshot.pip() {
            let name = distribution.normalised_name();
            let locked = lock
                .pylock
                .packages
                .get(&name)
                .filter(|it| identity(distribution).as_ref() == Some(&identity_in_lock(it)));
            let other = locked.zip(distribution.wheel.as_ref()).and_then(|(it, tags)| it.wheel_of_another_system(tags));
            if let Some(wheel) = other {
                let message = format!("{name}: `{wheel}` locked, and another file of this version installed");
                let finding = Finding::about(Code::NotAsLocked, &file, message);
                self.findings.push(finding.help("`cargo xtask build --force` installs what is locked"));
            }
        }
    }

    fn not_as_locked(
        &mut self,
        file: &str,
        list: PackageList,
        lock: &Lock,
        differing: impl IntoIterator<Item = (String, LockedAndInstalled)>,
    ) {
        let file = lock.folder().join(file);
        let by_hand = self.analysis.by_hand.iter().filter(|it| it.list() == list);
        let by_hand = by_hand.map(AddedSpec::key).into_set();
        for (name, difference) in differing {
            let message = match difference {
                (Some(locked), Some(installed)) => format!("{name} {locked} locked, {installed} installed"),
                (Some(locked), None) => format!("{name} {locked} locked but not installed"),
                // There is a finding already for what was installed by hand.
                (None, Some(_)) if by_hand.contains(&list.key(&name)) => continue,
                (None, Some(installed)) => format!("{name} {installed} installed but not locked"),
                (None, None) => continue,
            };
            let finding = Finding::about(Code::NotAsLocked, &file, message);
            self.findings.push(finding.help("rebuild, or keep what is installed with `cargo xtask freeze`"));
        }
    }
}

/// The locked version, and the installed one; `None` where it is in one of them only.
pub(super) type LockedAndInstalled = (Option<String>, Option<String>);

pub(super) fn differing_entries(
    locked: &BTreeMap<String, String>,
    installed: &BTreeMap<String, String>,
) -> Vec<(String, LockedAndInstalled)> {
    let mut differing = Vec::new();
    for (name, installed) in installed {
        match locked.get(name) {
            Some(locked) if locked == installed => {}
            locked => differing.push((name.clone(), (locked.cloned(), Some(installed.clone())))),
        }
    }
    let missing = locked.iter().filter(|(name, _)| !installed.contains_key(*name));
    differing.extend(missing.map(|(name, locked)| (name.clone(), (Some(locked.clone()), None))));
    differing
}

/// What tells a distribution from others of its name, as the lock has it.
fn identity_in_lock(package: &LockedPackage) -> String {
    match &package.source {
        LockedSource::Vcs { commit, .. } => commit.clone(),
        LockedSource::Archive { artefact, .. } => artefact.url.clone(),
        LockedSource::Index { .. } => Version::normalise(package.version.as_deref().unwrap_or_default()),
    }
}

/// What tells it from others of its name; `None` for what no lock has.
pub(super) fn identity(distribution: &Distribution) -> Option<String> {
    match (&distribution.origin, distribution.pin()?) {
        (Some(DirectUrl::Vcs { commit, .. }), _) => Some(commit.clone()),
        (_, Pin::Url(url)) => Some(url.split('#').next().unwrap_or_default().to_owned()),
        (_, Pin::Version(version) | Pin::Build { version, .. }) => Some(Version::normalise(&version)),
    }
}

fn shown(package: &AddedSpec) -> String {
    match package {
        AddedSpec::Conda { name, version, .. }
        | AddedSpec::Pip { name, pin: Pin::Version(version) | Pin::Build { version, .. } } => {
            format!("{name} {version}")
        }
        AddedSpec::Pip { name, pin: Pin::Url(url) } => format!("{name} @ {url}"),
    }
}

fn without_credentials_in(text: &str) -> String {
    text.split(' ').map(|it| without_credentials(it).0).collect::<Vec<_>>().join(" ")
}

/// Whether a spec allows a version. A spec that has no counterpart in PEP 440 and is not exact allows every version.
pub(super) fn allows_version(spec: &MatchSpec, version: &str) -> bool {
    let specifiers = pep440(spec).ok().and_then(|it| SpecifierSet::parse(&it).ok());
    if let Some((specifiers, version)) = specifiers.zip(Version::parse(version)) {
        return specifiers.contains(&version);
    }
    // conda has versions that Python's packaging does not know, such as 1.1.1w.
    match &spec.version {
        Some(VersionSpec::Clause { operator: CondaOperator::Equal, version: wanted }) => wanted.as_str() == version,
        Some(VersionSpec::Clause { operator: CondaOperator::StartsWith, version: wanted }) => {
            version.strip_prefix(wanted.as_str()).is_some_and(|rest| !rest.starts_with(|it: char| it.is_ascii_digit()))
        }
        _ => true,
    }
}

/// What a requirement asks for, and whether that is one version or commit alone, where a distribution is not that.
fn unmet(requirement: &Requirement, distribution: &Distribution) -> Option<(String, bool)> {
    match (&requirement.source, &distribution.origin) {
        (RequirementSource::Url(url), origin) => {
            let wanted = without_credentials(url.split('#').next().unwrap_or(url)).0;
            let is_met = origin.as_ref().is_some_and(|it| leads_to(&wanted, it));
            (!is_met).then(|| (format!("{} @ {wanted}", requirement.name), false))
        }
        (RequirementSource::Any, _) => None,
        (RequirementSource::Versions(specifiers), _) => {
            let is_met = Version::parse(&distribution.version).is_none_or(|it| specifiers.contains(&it));
            let shown = specifiers.to_string();
            let pin =
                shown.strip_prefix("==").filter(|it| !it.contains([',', '*'])).map(|it| it.trim_start_matches('='));
            (!is_met).then(|| match pin {
                Some(version) => (version.to_owned(), true),
                None => (format!("{}{shown}", requirement.name), false),
            })
        }
    }
}

/// Whether what a URL asks for can have become what is installed.
fn leads_to(url: &str, origin: &DirectUrl) -> bool {
    match origin {
        DirectUrl::Archive { url: installed, .. } => {
            url == with_user_of(url, installed.split('#').next().unwrap_or_default())
        }
        DirectUrl::Directory { .. } => false,
        DirectUrl::Vcs { vcs, url: installed, commit, requested_revision, .. } => {
            let base = with_user_of(url, &format!("{vcs}+{installed}"));
            let Some(revision) = url.strip_prefix(&base) else { return false };
            // A branch may have gone on since, which nobody can tell without asking the server.
            let revision = revision.strip_prefix('@');
            revision.is_none_or(|it| commit.starts_with(it) || requested_revision.as_deref() == Some(it))
        }
    }
}

#[cfg(test)]
mod tests;
