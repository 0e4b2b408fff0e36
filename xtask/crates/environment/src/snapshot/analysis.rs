//! Which installed packages `environment.yml` lists, which somebody installed by hand, and which are dependencies.

use std::collections::BTreeSet;

use report::{Code, Findings, Source, Span};
use specs::{
    conda::MatchSpec,
    python::{MarkerEnvironment, PipLine, Requirement, normalised},
};

use super::{CondaRecord, DirectUrl, Distribution, Installer, Snapshot, reach::NeededDistributions};
use crate::{
    EnvironmentFile, EnvironmentYml,
    freeze::{AddedSpec, PackageList, Pin, Pins},
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
        let listed: Vec<ListedPackage> =
            conda_lines(snapshot, environment).chain(pip_lines(snapshot, environment)).collect();
        let mut analyst = Analyst {
            snapshot,
            environment,
            source,
            project: normalised(project),
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
                (PackageList::Conda, PackageOutcome::Pinned(Pin::Version(version))) => pins.conda(name, version),
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

    pub fn line(&self, list: PackageList, name: &str) -> Option<&ListedPackage> {
        self.listed.iter().find(|it| it.list == list && it.name == name)
    }
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
        Some(record) => Some(record.version.clone()),
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

impl Distribution {
    /// `None` for an installation from a directory of this machine.
    pub fn pin(&self) -> Option<Pin> {
        match &self.origin {
            None => Some(Pin::Version(self.version.clone())),
            Some(origin) => origin.requirement().map(Pin::Url),
        }
    }
}

struct Analyst<'a> {
    snapshot: &'a Snapshot,
    environment: &'a EnvironmentYml,
    source: &'a Source,
    /// The normalised name of the project itself.
    project: String,
    analysis: Analysis,
}

impl<'a> Analyst<'a> {
    /// The distributions that pip or uv has installed, without the project itself.
    fn foreign(&self) -> impl Iterator<Item = (String, &'a Distribution)> {
        let all = self.snapshot.pip().map(|it| (it.normalised_name(), it));
        all.filter(|(name, _)| *name != self.project)
    }

    fn local_installs(&mut self) {
        for (name, distribution) in self.foreign().filter(|(_, it)| it.pin().is_none()).collect::<Vec<_>>() {
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
        self.foreign().filter_map(|(name, it)| Some((owner(&name)?, name, it))).collect()
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
        let needed: BTreeSet<(&str, &str)> = self
            .snapshot
            .conda
            .iter()
            .flat_map(|it| it.depends.iter().map(|depend| (depend.as_str(), it.name.as_str())))
            .filter(|(depend, by)| depend != by)
            .collect();
        let is_needed = |name: &str| needed.range((name, "")..).next().is_some_and(|(depend, _)| *depend == name);
        let channels: Vec<String> = self.environment.channels.iter().map(ToString::to_string).collect();
        for record in &self.snapshot.conda {
            if self.environment.conda_package(&record.name).is_some() {
                continue;
            }
            // Without a list, they come from where conda is set up to look.
            let is_listed = channels.is_empty() || record.is_from_one_of(channels.iter().map(String::as_str));
            let channel = record.channel.clone().filter(|_| !is_listed);
            let package = AddedSpec::Conda { channel, name: record.name.clone(), version: record.version.clone() };
            // An installation from the lock counts as asking for all, so asking alone is no sign.
            let is_by_hand =
                !record.requested.is_empty() && !is_needed(&record.name) && !TOOLS.contains(&record.name.as_str());
            let list = if is_by_hand { &mut self.analysis.by_hand } else { &mut self.analysis.transitive };
            list.push(package);
        }
    }

    fn pip(&mut self) {
        let mut reach = self.explained();
        let mut unexplained: BTreeSet<String> =
            self.foreign().map(|(name, _)| name).filter(|it| !reach.has(it)).collect();
        let mut by_hand = BTreeSet::new();
        while let Some(root) = reach.first_root(&unexplained).cloned() {
            reach.add(&root, &[]);
            by_hand.insert(root);
            unexplained.retain(|it| !reach.has(it));
        }
        for (name, distribution) in self.foreign().collect::<Vec<_>>() {
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
        reach.add(&self.project, &[]);
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
        self.foreign().filter(|(_, it)| it.pin().is_none()).for_each(|(name, _)| reach.add(&name, &[]));
        self.over_conda().iter().for_each(|(_, name, _)| reach.add(name, &[]));
        reach
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A distribution that pip has installed.
    fn pip(name: &str, version: &str, requires: &[&str]) -> Value {
        json!({"name": name, "version": version, "installer": "pip", "requires": requires})
    }

    fn conda(name: &str, version: &str, requested: &[&str], depends: &[&str]) -> Value {
        json!({"name": name, "version": version, "build": "0", "requested": requested, "depends": depends, "metadata": []})
    }

    fn from(channel: &str, mut record: Value) -> Value {
        record["channel"] = channel.into();
        record
    }

    fn analysis(environment: &str, conda: &[Value], distributions: &[Value]) -> Analysis {
        let snapshot = json!({
            "format": 1,
            "platform": {"system": "Linux", "machine": "x86_64"},
            "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env",
                            "markers": {"python_version": "3.12", "sys_platform": "linux"}},
            "conda": conda, "distributions": distributions,
        });
        let snapshot = Snapshot::parse(&snapshot.to_string()).unwrap();
        let file = EnvironmentFile::parse(Source::new("environment.yml", environment));
        assert!(!file.findings().has_errors(), "{}", file.findings());
        Analysis::new(&snapshot, &file, "My_Project")
    }

    fn shown(packages: &[AddedSpec]) -> Vec<String> {
        let each = packages.iter().map(|it| match it {
            AddedSpec::Conda { channel: Some(channel), name, version } => format!("Conda {channel}::{name} {version}"),
            AddedSpec::Conda { name, version, .. } => format!("Conda {name} {version}"),
            AddedSpec::Pip { name, pin: Pin::Version(version) } => format!("Pip {name} {version}"),
            AddedSpec::Pip { name, pin: Pin::Url(url) } => format!("Pip {name} @ {url}"),
        });
        each.collect()
    }

    #[test]
    fn each_line_gets_what_is_installed() {
        let text = "dependencies:\n  - python>=3.11\n  - pip\n  - pip:\n    - Torch>=2\n    - rich[jupyter]\n    \
                    - colorama; sys_platform == 'win32'\n    - tool @ git+https://e.org/tool.git@main\n    - gone\n    - here\n";
        let git = json!({"name": "tool", "version": "1", "requires": [], "direct_url":
            {"url": "https://e.org/tool.git", "vcs_info": {"vcs": "git", "commit_id": "0af"}}});
        let here = json!({"name": "here", "version": "1", "direct_url": {"url": "file:///src/here", "dir_info": {}}});
        let distributions =
            [pip("torch", "2.5.1+cpu", &[]), pip("rich", "14.0", &[]), pip("pip", "26.0", &[]), git, here];
        let analysis = analysis(text, &[], &distributions);
        let version = |it: &str| PackageOutcome::Pinned(Pin::Version(it.to_owned()));
        let answers: Vec<(&str, PackageOutcome)> =
            analysis.listed.iter().map(|it| (it.name.as_str(), it.outcome.clone())).collect();
        assert_eq!(
            answers,
            [
                ("python", version("3.12.4")),
                ("pip", version("26.0")),
                ("torch", version("2.5.1+cpu")),
                ("rich", version("14.0")),
                ("colorama", PackageOutcome::NotHere),
                ("tool", PackageOutcome::Pinned(Pin::Url("git+https://e.org/tool.git@0af".to_owned()))),
                ("gone", PackageOutcome::Missing),
                ("here", PackageOutcome::Kept),
            ]
        );
        assert_eq!((shown(&analysis.by_hand), shown(&analysis.transitive)), (vec![], vec![]));
        let expected =
            "environment.yml:10:7: warning[W0801]: `here` is installed from `file:///src/here`, which no other";
        assert!(analysis.findings.to_string().starts_with(expected), "{}", analysis.findings);
    }

    #[test]
    fn what_nobody_asked_for_and_nothing_needs_was_installed_by_hand() {
        let text = "dependencies:\n  - python\n  - pip:\n    - uvicorn[standard]\n    - broken; python_version < '3'\n";
        let distributions = [
            pip("uvicorn", "1", &["click>=7", "httptools; extra == 'standard'", "old; python_version < '3.9'"]),
            pip("click", "8", &[]),
            pip("httptools", "1", &["Deep_Dep"]),
            pip("deep.dep", "1", &[]),
            pip("old", "1", &[]),
            pip("Rich", "14", &["Pygments", "rich[all]"]),
            pip("pygments", "2", &[]),
            pip("wheel", "1", &["packaging"]),
            pip("packaging", "25", &[]),
            pip("my-project", "0.1", &["numpy"]),
            pip("numpy", "2", &[]),
        ];
        let analysis = analysis(text, &[], &distributions);
        assert_eq!(shown(&analysis.by_hand), ["Pip old 1", "Pip Rich 14"]);
        let transitive = ["click 8", "httptools 1", "deep.dep 1", "pygments 2", "wheel 1", "packaging 25", "numpy 2"];
        assert_eq!(shown(&analysis.transitive), transitive.map(|it| format!("Pip {it}")));
        assert!(analysis.findings.is_empty(), "{}", analysis.findings);
    }

    #[test]
    fn of_packages_that_need_each_other_one_was_installed() {
        let text = "dependencies: [python]\n";
        let distributions = [pip("b", "1", &["a"]), pip("a", "1", &["b"]), pip("c", "1", &[])];
        let analysis = analysis(text, &[], &distributions);
        assert_eq!(shown(&analysis.by_hand), ["Pip a 1", "Pip c 1"].map(str::to_owned));
    }

    #[test]
    fn a_conda_package_was_installed_by_hand_when_asked_for_and_needed_by_nothing() {
        let text = "channels: [conda-forge, https://e.org/c/]\ndependencies:\n  - python\n  - numpy >=1.26\n  - https://e.org/c/linux-64/exact-1-0.conda\n";
        let records = [
            conda("python", "3.12.4", &["python"], &["libzlib", "pip"]),
            conda("numpy", "1.26.4", &["numpy >=1.26"], &["libblas >=3.9", "python"]),
            conda("libblas", "3.9.0", &["libblas"], &[]),
            conda("libzlib", "1.3", &[], &["libzlib"]),
            conda("exact", "1", &["exact"], &[]),
            from("lab", conda("htop", "3.3", &["htop"], &[])),
            from("https://e.org/c", conda("tool", "1", &["tool"], &[])),
            conda("pip", "26.0", &["pip"], &[]),
            conda("orphan", "1", &[], &[]),
        ];
        let analysis = analysis(text, &records, &[]);
        let answers: Vec<PackageOutcome> = analysis.listed.iter().map(|it| it.outcome.clone()).collect();
        let version = |it: &str| PackageOutcome::Pinned(Pin::Version(it.to_owned()));
        assert_eq!(answers, [version("3.12.4"), version("1.26.4"), PackageOutcome::Kept]);
        assert_eq!(
            shown(&analysis.by_hand),
            ["Conda lab::htop 3.3", "Conda tool 1"],
            "the channel is named where it is not listed"
        );
        let transitive = ["Conda libblas 3.9.0", "Conda libzlib 1.3", "Conda pip 26.0", "Conda orphan 1"];
        assert_eq!(shown(&analysis.transitive), transitive);
    }

    #[test]
    fn what_pip_put_over_condas_is_a_warning_and_no_wish() {
        let text = "dependencies:\n  - python\n  - pytorch\n";
        let mut record = conda("pytorch", "2.5.0", &["pytorch"], &[]);
        record["metadata"] = json!(["torch-2.5.0"]);
        let distributions = [
            pip("torch", "2.5.1", &["sympy"]),
            pip("sympy", "1", &[]),
            json!({"name": "numpy", "version": "2", "installer": "conda", "requires": ["extra-of-conda"]}),
            pip("extra-of-conda", "1", &[]),
        ];
        let analysis = analysis(text, &[record], &distributions);
        let expected =
            "environment.yml:3:5: warning[W0802]: `torch` 2.5.1 was installed by pip over conda's pytorch 2.5.0";
        assert!(analysis.findings.to_string().starts_with(expected), "{}", analysis.findings);
        assert_eq!(shown(&analysis.by_hand), Vec::<String>::new());
    }

    #[test]
    fn an_editable_install_of_the_project_is_no_finding_however_it_is_spelled() {
        let editable = |name: &str| json!({"name": name, "version": "1", "direct_url": {"url": "file:///src", "dir_info": {"editable": true}}});
        let analysis = analysis("dependencies: [python]\n", &[], &[editable("MY.project"), editable("Other_One")]);
        let expected =
            "environment.yml: warning[W0801]: `Other_One` is installed as editable from `file:///src`, which no";
        assert!(analysis.findings.to_string().starts_with(expected), "{}", analysis.findings);
        assert_eq!((analysis.findings.len(), analysis.by_hand.len(), analysis.transitive.len()), (1, 0, 0));
    }
}
