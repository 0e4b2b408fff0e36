//! Why conda's solver has no answer, in terms of `environment.yml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use process::Secret;
use report::{Code, Finding, Findings, Span};
use specs::conda::MatchSpec;

use super::{AssumedSystem, VirtualPackage};
use crate::EnvironmentFile;

/// Why there is no solution, as the engine tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CondaFailure {
    kind: FailureKind,
    /// In the solver's own words: one line, or a tree of several.
    pub message: String,
    /// The channel that could not be read.
    channel: Option<String>,
    /// The answer of its server, a status of HTTP.
    status: Option<u16>,
    /// Names that no channel has, with some that are like them.
    missing: BTreeMap<String, Vec<String>>,
    /// Names that the channels have, but not as they are asked for, with the newest versions that there are.
    versions: BTreeMap<String, Vec<String>>,
    /// What is needed of the system and not assumed of it, as match specs.
    #[serde(rename = "virtual")]
    system: Vec<String>,
    /// The names in `environment.yml` that would let the rest be solved if any version of them would do.
    loosened: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FailureKind {
    Unsolvable,
    Channel,
    Spec,
    Timeout,
    Digest,
    Offline,
    Scripts,
    #[default]
    #[serde(other)]
    Other,
}

impl CondaFailure {
    /// The failure in an answer. Where it has none, what was said besides is the best that there is.
    pub(super) fn told(failure: Option<Box<Self>>, said: &str) -> Box<Self> {
        let said = if said.trim().is_empty() { "no answer" } else { said.trim() };
        failure.unwrap_or_else(|| Box::new(Self { message: said.to_owned(), ..Self::default() }))
    }

    /// What the user's file has to do with it, each line by itself. Empty where it has nothing to do with it.
    pub fn findings(&self, file: &EnvironmentFile, system: &AssumedSystem) -> Findings {
        let mut findings = Findings::default();
        match self.kind {
            FailureKind::Unsolvable | FailureKind::Spec => self.unsolvable(file, system, &mut findings),
            FailureKind::Channel | FailureKind::Offline => findings.extend(self.unreadable_channel(file)),
            _ => {}
        }
        findings
    }

    fn unsolvable(&self, file: &EnvironmentFile, system: &AssumedSystem, findings: &mut Findings) {
        for (spec, span) in &file.environment().conda {
            let about = |message: String| file.source().at(Code::CondaUnsolvable, *span, message);
            // Where a few lines are enough, the others are only named on the way to them.
            let is_loosened = self.loosened.contains(&spec.name);
            let is_involved = is_loosened || self.loosened.is_empty() && self.names_it(&spec.name);
            if let Some(similar) = self.missing.get(&spec.name) {
                let help = match similar.as_slice() {
                    [] => "correct the name, add the channel that has it, or ask pip for it below `- pip:`".to_owned(),
                    similar => format!("did you mean {}? otherwise add the channel that has it", listed(similar)),
                };
                findings.push(about(format!("no channel has `{}` for this platform", spec.name)).help(help));
            } else if let Some(versions) = self.versions.get(&spec.name) {
                let message = format!("no channel has `{}`", shown(spec));
                findings.push(about(message).help(format!("there are {}", listed(versions))));
            } else if is_involved {
                let finding = about(format!("`{}` cannot be had together with the other packages", shown(spec)));
                let is_bare = spec.text.trim() == spec.name;
                findings.push(match (is_loosened, is_bare) {
                    (true, true) => finding.help("without it, the rest can be solved"),
                    (true, false) => {
                        finding.help(format!("with any version of `{}`, the rest can be solved", spec.name))
                    }
                    (false, _) => finding.help("the reason is above"),
                });
            }
        }
        findings.extend(self.system.iter().map(|it| missing_system(file, system, it)));
    }

    /// Whether the solver's words have the name as a word of its own.
    fn names_it(&self, name: &str) -> bool {
        let is_part = |it: char| it.is_ascii_alphanumeric() || "_-.".contains(it);
        self.message.split(|it: char| !is_part(it)).any(|it| it == name)
    }

    fn unreadable_channel(&self, file: &EnvironmentFile) -> Option<Finding> {
        let channel = self.channel.as_deref()?;
        let server = match self.status {
            Some(status) => format!("its server answers {status}"),
            None => self.message.lines().next().unwrap_or_default().to_owned(),
        };
        let message = format!("the channel `{channel}` cannot be read: {server}");
        let help = match self.status {
            Some(401 | 403) => {
                "it wants a login: write `https://USER:${TOKEN}@…` in front of the host, or use a netrc file"
            }
            Some(404) => "correct its name or address; not every server has every channel",
            Some(500..) => "the fault is the server's: try again later, or name a mirror",
            _ if self.kind == FailureKind::Offline => "build once with a connection, so that the cache has it",
            _ => "is there a connection? docs/proxy.md is about proxies, certificates and mirrors",
        };
        let source = file.source();
        let finding = match channel_span(file, channel) {
            Some(span) => source.at(Code::CondaChannel, span, message),
            None => source.about(Code::CondaChannel, message),
        };
        // The line may have a login in it.
        Some(Finding { line: finding.line.filter(|it| !it.contains('@')), ..finding }.help(help))
    }
}

/// The entry of a channel, which is told by its address: as an address, or by its name.
fn channel_span(file: &EnvironmentFile, channel: &str) -> Option<Span> {
    let channel = channel.trim_end_matches('/');
    let is_it = |listed: &str| {
        let place = listed.rsplit_once('@').map_or(listed, |(_, it)| it).trim_end_matches('/');
        channel == listed.trim_end_matches('/') || channel.ends_with(&format!("/{place}"))
    };
    file.environment().channels.iter().find(|(it, _)| is_it(&it.to_string())).map(|(_, span)| *span)
}

fn missing_system(file: &EnvironmentFile, system: &AssumedSystem, needed: &str) -> Finding {
    let name = needed.split([' ', '=', '<', '>', '[']).next().unwrap_or_default();
    let known = match system.get(name) {
        Some(VirtualPackage { version, origin, .. }) => format!("{name} is {version}, from {origin}"),
        None => format!("{name} is not assumed"),
    };
    let help = match name {
        "__cuda" => "set CPU_OR_GPU=gpu, or CONDA_OVERRIDE_CUDA to the version of the driver".to_owned(),
        _ => format!("choose an older version, or set CONDA_OVERRIDE_{}", name.trim_start_matches('_').to_uppercase()),
    };
    file.source().about(Code::CondaUnsolvable, format!("a package needs `{needed}`, but {known}")).help(help)
}

/// Without passwords: a spec may name its channel by address.
fn shown(spec: &MatchSpec) -> String {
    process::without_credentials(&spec.text).0.replace("${", Secret::MASK)
}

fn listed(names: &[String]) -> String {
    names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::KnownSystem;
    use super::*;
    use crate::Platform;
    use report::Source;

    const FILE: &str = "channels:\n  - https://e.org/lab\n  - conda-forge\ndependencies:\n  - python=3.13\n  - nosuch\n  - \
                        conflicta\n  - conflictb>=2\n";

    fn findings(failure: &str) -> String {
        let file = EnvironmentFile::parse(Source::new("environment.yml", FILE));
        let system = AssumedSystem::new(&Platform::parse("linux/amd64").unwrap(), KnownSystem::default(), |_| None);
        serde_json::from_str::<CondaFailure>(failure).unwrap().findings(&file, &system).to_string()
    }

    #[test]
    fn the_lines_that_take_part_are_told() {
        let told = findings(
            r#"{"kind": "unsolvable", "message": "conflicta 1.0 needs libdemo 1.2\n└ conflictb needs libdemo 1.3",
                "missing": {"nosuch": ["nosuch-real"]}, "versions": {"python": ["3.12.1", "3.11.7"]},
                "loosened": ["conflicta", "conflictb"], "virtual": ["__cuda >=12"]}"#,
        );
        for part in [
            "environment.yml:5:5: error[E0351]: no channel has `python=3.13`\n    help: there are `3.12.1`, `3.11.7`",
            "environment.yml:6:5: error[E0351]: no channel has `nosuch` for this platform\n    help: did you mean `nosuch-real`?",
            "environment.yml:7:5: error[E0351]: `conflicta` cannot be had together with the other packages\n    help: without it",
            "environment.yml:8:5: error[E0351]: `conflictb>=2` cannot be had together with the other packages\n    help: with any version",
            "a package needs `__cuda >=12`, but __cuda is not assumed\n    help: set CPU_OR_GPU=gpu",
        ] {
            assert!(told.contains(part), "{part}\nis not in\n{told}");
        }
    }

    #[test]
    fn a_channel_that_cannot_be_read_is_told_by_its_line() {
        let told = findings(r#"{"kind": "channel", "message": "no", "channel": "https://e.org/lab", "status": 403}"#);
        assert!(
            told.starts_with("environment.yml:2:5: error[E0352]: the channel `https://e.org/lab` cannot be read"),
            "{told}"
        );
        assert!(told.contains("403") && told.contains("wants a login"), "{told}");
        let told = findings(r#"{"kind": "channel", "message": "no route", "channel": "https://host/conda-forge/"}"#);
        assert!(told.starts_with("environment.yml:3:5") && told.contains("no route"), "{told}");
    }

    #[test]
    fn what_is_not_about_the_file_has_no_finding() {
        assert_eq!(findings(r#"{"kind": "timeout", "message": "slow"}"#), "");
        assert_eq!(findings(r#"{"kind": "of tomorrow", "message": "?"}"#), "");
    }
}
