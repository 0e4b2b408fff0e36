//! Pins that somebody has changed by hand, so that they contradict the lock.

use report::Span;
use specs::python::{RequirementSource, Version, normalised};

use super::{IntentDifference, Lock, LockedSource};
use crate::{EnvironmentYml, drift::allows_version, snapshot::requirement_of};

impl Lock {
    /// The lines of `environment.yml`, pins included, that the locked version does not satisfy. A package that is not locked
    /// at all is a new one, not a changed pin.
    pub fn contradictions(&self, environment: &EnvironmentYml) -> IntentDifference {
        let described = |span: &Span, name: &str, locked: &str, wanted: &str| {
            let file = environment.included_file(*span).map_or("environment.yml", |it| it.as_str());
            format!("{file}:{} {name} {locked} locked, {wanted} required", span.start.line)
        };
        let mut changed = IntentDifference::default();
        for (spec, span) in &environment.conda {
            let mut of_conda = self.conda.iter().filter_map(|it| it.name_version_build());
            let locked = match of_conda.find(|(name, ..)| *name == spec.name) {
                Some((_, version, build)) if !spec.allows_build(build) => Some(format!("{version} {build}")),
                Some((_, version, _)) => Some(version.into_owned()).filter(|it| !allows_version(spec, it)),
                None => self.of_uv(&spec.name).filter(|it| !allows_version(spec, it)),
            };
            if let Some(locked) = locked {
                changed.push_for_full_solve(described(span, &spec.name, &locked, &spec.text));
            }
        }
        for (line, span) in &environment.pip {
            let Some((requirement, _)) = requirement_of(line) else { continue };
            let name = normalised(&requirement.name);
            let Some(package) = self.pylock.packages.get(&name) else { continue };
            let locked = package.version.clone().unwrap_or_default();
            match (&requirement.source, &package.source) {
                (RequirementSource::Versions(specifiers), LockedSource::Index { .. }) => {
                    let is_other = Version::parse(&locked).is_some_and(|it| !specifiers.contains(&it));
                    changed.lines.extend(is_other.then(|| described(span, &name, &locked, &specifiers.to_string())));
                }
                (RequirementSource::Url(url), LockedSource::Vcs { commit, .. }) => {
                    let other = commit_in(url).filter(|it| !commit.starts_with(it));
                    changed.lines.extend(other.map(|it| described(span, &name, commit, it)));
                }
                _ => {}
            }
        }
        changed.has_pip = !changed.lines.is_empty();
        changed
    }

    /// What uv has installed for a line of conda's list, where uv has made all.
    fn of_uv(&self, name: &str) -> Option<String> {
        if !self.conda.is_empty() {
            None
        } else if name == "python" {
            Some(self.python.clone())
        } else {
            self.pylock.packages.get(&normalised(name)).and_then(|it| it.version.clone())
        }
    }
}

/// The commit that a URL names, as `freeze` writes it.
fn commit_in(url: &str) -> Option<&str> {
    let (_, revision) = url.split('#').next()?.rsplit_once('@')?;
    Some(revision).filter(|it| it.len() == 40 && it.chars().all(|it| it.is_ascii_hexdigit()))
}
