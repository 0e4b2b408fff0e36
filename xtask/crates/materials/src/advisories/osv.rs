//! One record of a known vulnerability.
//!
//! Source: the "Open Source Vulnerability schema", version 1, and its section "Evaluation" for what is affected.

use std::cmp::Ordering;

use serde::Deserialize;
use specs::python::{Version, normalised};

use super::{Rating, cvss, debian_version};

/// Whose packages a record is about, with the rules of their versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ecosystem {
    PyPi,
    /// Of a release, such as `12`.
    Debian(String),
}

impl Ecosystem {
    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "PyPI" => Some(Self::PyPi),
            Some(("Debian", release)) => Some(Self::Debian(release.to_owned())),
            _ => None,
        }
    }
}

/// A record, as far as it is about packages whose versions can be compared here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// Its id, then those that others have given to the same vulnerability.
    pub names: Vec<String>,
    /// One line, which may be empty.
    pub summary: String,
    /// `None` where the record does not say how bad it is.
    pub rating: Option<Rating>,
    affected: Vec<AffectedPackage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct AffectedPackage {
    ecosystem: Ecosystem,
    /// Normalised for Python.
    name: String,
    versions: Vec<String>,
    ranges: Vec<Vec<RangeEvent>>,
}

/// Where a range of versions begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RangeEvent {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    details: String,
    withdrawn: Option<String>,
    #[serde(default)]
    severity: Vec<SeverityField>,
    #[serde(default)]
    affected: Vec<AffectedField>,
    #[serde(default)]
    database_specific: SpecificField,
}

#[derive(Deserialize)]
struct SeverityField {
    #[serde(default)]
    score: String,
}

/// What a database adds in a form of its own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SpecificField {
    severity: serde_json::Value,
}

#[derive(Deserialize)]
struct AffectedField {
    package: Option<PackageField>,
    #[serde(default)]
    severity: Vec<SeverityField>,
    #[serde(default)]
    ranges: Vec<RangeField>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct PackageField {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct RangeField {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<EventField>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EventField {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

impl Advisory {
    /// Parses a record; `Ok(None)` where it was withdrawn or is about other packages alone.
    pub fn parse(json: &str) -> Result<Option<Self>, String> {
        let record: Record = serde_json::from_str(json).map_err(|error| format!("not a record of OSV: {error}"))?;
        if record.withdrawn.is_some() {
            return Ok(None);
        }
        let scores = record.severity.iter().chain(record.affected.iter().flat_map(|it| &it.severity));
        let rating = scores.filter_map(|it| cvss::base_score(&it.score)).map(Rating::of_score).max();
        let word = record.database_specific.severity.as_str().and_then(Rating::of_word);
        let affected: Vec<AffectedPackage> = record.affected.into_iter().filter_map(AffectedField::package).collect();
        if affected.is_empty() {
            return Ok(None);
        }
        let text = if record.summary.is_empty() { &record.details } else { &record.summary };
        Ok(Some(Self {
            names: [record.id].into_iter().chain(record.aliases).collect(),
            summary: text.lines().next().unwrap_or_default().trim().to_owned(),
            rating: word.or(rating),
            affected,
        }))
    }

    /// Whether it affects a version of a package.
    pub fn affects(&self, ecosystem: &Ecosystem, name: &str, version: &str) -> bool {
        self.about(ecosystem, name).any(|it| it.contains(version))
    }

    /// The least version above this one that is not affected any more.
    pub fn fixed_in<'a>(&'a self, ecosystem: &'a Ecosystem, name: &'a str, version: &str) -> Option<&'a str> {
        let events = self.about(ecosystem, name).flat_map(|it| it.ranges.iter().flatten());
        let fixed = events.filter_map(|it| if let RangeEvent::Fixed(fixed) = it { Some(fixed.as_str()) } else { None });
        let above = fixed.filter(|it| ecosystem.compare(it, version) == Some(Ordering::Greater));
        above.min_by(|one, other| ecosystem.compare(one, other).unwrap_or(Ordering::Equal))
    }

    fn about<'a>(&'a self, ecosystem: &'a Ecosystem, name: &'a str) -> impl Iterator<Item = &'a AffectedPackage> {
        self.affected.iter().filter(move |it| it.ecosystem == *ecosystem && it.name == name)
    }
}

impl AffectedField {
    fn package(self) -> Option<AffectedPackage> {
        let package = self.package?;
        let ecosystem = Ecosystem::parse(&package.ecosystem)?;
        let name = if ecosystem == Ecosystem::PyPi { normalised(&package.name) } else { package.name };
        // Commits of git are told beside the versions that they were published as.
        let ranges = self.ranges.into_iter().filter(|it| it.kind != "GIT");
        let ranges = ranges.map(|it| it.events.into_iter().filter_map(EventField::event).collect());
        Some(AffectedPackage { ecosystem, name, versions: self.versions, ranges: ranges.collect() })
    }
}

impl EventField {
    fn event(self) -> Option<RangeEvent> {
        match self {
            Self { introduced: Some(version), .. } => Some(RangeEvent::Introduced(version)),
            Self { fixed: Some(version), .. } => Some(RangeEvent::Fixed(version)),
            Self { last_affected: Some(version), .. } => Some(RangeEvent::LastAffected(version)),
            _ => None,
        }
    }
}

impl AffectedPackage {
    fn contains(&self, version: &str) -> bool {
        let is_same = |it: &String| it == version || self.ecosystem.compare(it, version) == Some(Ordering::Equal);
        self.versions.iter().any(is_same) || self.ranges.iter().any(|it| self.ecosystem.is_in(it, version))
    }
}

impl Ecosystem {
    /// `None` where one of them is no version.
    fn compare(&self, one: &str, other: &str) -> Option<Ordering> {
        match self {
            Self::Debian(_) => Some(debian_version::compare(one, other)),
            // Another build of the same sources, such as `+cpu`, has what these have.
            Self::PyPi => Some(public_version(one)?.cmp(&public_version(other)?)),
        }
    }

    /// Whether a version is behind a beginning and before the next end. Records list events in any order.
    fn is_in(&self, events: &[RangeEvent], version: &str) -> bool {
        let is_above = |it: &str| self.compare(version, it).is_some_and(Ordering::is_gt);
        let is_from = |it: &str| it == "0" || self.compare(version, it).is_some_and(Ordering::is_ge);
        let begun = events.iter().filter_map(|it| match it {
            RangeEvent::Introduced(begin) if is_from(begin) => Some(begin),
            _ => None,
        });
        let is_later = |end: &str, begin: &str| begin == "0" || self.compare(end, begin) != Some(Ordering::Less);
        let has_ended = |begin: &str| {
            events.iter().any(|it| match it {
                RangeEvent::Fixed(end) => is_later(end, begin) && is_from(end),
                RangeEvent::LastAffected(end) => is_later(end, begin) && is_above(end),
                RangeEvent::Introduced(_) => false,
            })
        };
        let is_version = *self != Self::PyPi || Version::parse(version).is_some();
        is_version && begun.into_iter().any(|begin| !has_ended(begin))
    }
}

fn public_version(text: &str) -> Option<Version> {
    Version::parse(text.split('+').next().unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn advisory(affected: &Value) -> Advisory {
        let record = json!({"id": "X-1", "affected": affected});
        Advisory::parse(&record.to_string()).unwrap().unwrap()
    }

    fn with_events(events: &Value) -> Advisory {
        advisory(
            &json!([{"package": {"ecosystem": "PyPI", "name": "Some_Thing"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]),
        )
    }

    #[test]
    fn a_version_is_affected_from_its_introduction_to_its_end() {
        let advisory =
            with_events(&json!([{"fixed": "1.5"}, {"introduced": "0"}, {"introduced": "2.0"}, {"fixed": "2.1.3"}]));
        for (version, is_affected, fixed) in [
            ("1.4.9", true, Some("1.5")),
            ("1.5rc1", true, Some("1.5")),
            ("1.5", false, Some("2.1.3")),
            ("1.5.0", false, Some("2.1.3")),
            ("2.0", true, Some("2.1.3")),
            ("2.1.2+cpu", true, Some("2.1.3")),
            ("2.1.3", false, None),
            ("2.1.3+cpu", false, None),
            ("unheard-of", false, None),
        ] {
            assert_eq!(advisory.affects(&Ecosystem::PyPi, "some-thing", version), is_affected, "{version}");
            assert_eq!(advisory.fixed_in(&Ecosystem::PyPi, "some-thing", version), fixed, "{version}");
        }
        assert!(!advisory.affects(&Ecosystem::PyPi, "other", "1.0"));
        assert!(!advisory.affects(&Ecosystem::Debian("12".to_owned()), "some-thing", "1.0"));
    }

    #[test]
    fn the_last_affected_version_is_affected() {
        let advisory = with_events(&json!([{"introduced": "1.0"}, {"last_affected": "1.2"}]));
        let affects = |version| advisory.affects(&Ecosystem::PyPi, "some-thing", version);
        assert!(!affects("0.9") && affects("1.0") && affects("1.2.0") && !affects("1.2.post1"));
        assert_eq!(advisory.fixed_in(&Ecosystem::PyPi, "some-thing", "1.1"), None);
    }

    #[test]
    fn listed_versions_count_in_any_spelling_and_commits_do_not() {
        let advisory = advisory(&json!([{
            "package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1.0", "2004b"],
            "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}],
        }]));
        for (version, expected) in [("1.0.0", true), ("2004b", true), ("1.1", false)] {
            assert_eq!(advisory.affects(&Ecosystem::PyPi, "a", version), expected, "{version}");
        }
    }

    #[test]
    fn debians_versions_are_compared_as_dpkg_does() {
        let debian = Ecosystem::Debian("12".to_owned());
        let advisory = advisory(&json!([{
            "package": {"ecosystem": "Debian:12", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.11-1~deb12u2"}]}],
        }]));
        assert!(advisory.affects(&debian, "openssl", "3.0.11-1~deb12u1"));
        assert!(!advisory.affects(&debian, "openssl", "3.0.11-1"));
        assert!(!advisory.affects(&Ecosystem::Debian("13".to_owned()), "openssl", "3.0.11-1~deb12u1"));
    }

    #[test]
    fn a_record_says_how_bad_it_is_in_a_word_or_a_vector() {
        let rating = |more: Value| {
            let mut record = json!({"id": "X-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}}]});
            record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            Advisory::parse(&record.to_string()).unwrap().map(|it| it.rating)
        };
        let vector = json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
        for (more, expected) in [
            (json!({"database_specific": {"severity": "MODERATE"}, "severity": vector}), Some(Some(Rating::Medium))),
            (json!({"severity": vector}), Some(Some(Rating::Critical))),
            (json!({"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]}), Some(None)),
            (json!({"database_specific": {"severity": ["odd"]}}), Some(None)),
            (json!({"withdrawn": "2026-01-01T00:00:00Z"}), None),
            (json!({"affected": [{"package": {"ecosystem": "npm", "name": "a"}}]}), None),
        ] {
            assert_eq!(rating(more.clone()), expected, "{more}");
        }
    }
}
