//! Which packages have known vulnerabilities, and of which nobody knows.

use std::collections::BTreeSet;

use process::{IntoSet as _, sort_by};
use report::{Code, Findings, Source};

use crate::{Inventory, Material, MaterialKind, MaterialOrigin};

use super::{Advisory, AdvisoryDatabase, CalendarDate, Ecosystem, Exceptions, Rating, exceptions::ExceptionEntry};

/// What a database says of an inventory.
#[derive(Debug)]
pub struct Audit {
    /// The worst first; without those that somebody lives with.
    pub vulnerabilities: Vec<Vulnerability>,
    /// How many there are that somebody lives with.
    pub excepted: usize,
    /// About the exceptions: those that have ended, and those that nothing is found for.
    pub findings: Findings,
    /// How many packages were looked up.
    pub examined: usize,
    pub unexamined: Vec<Unexamined>,
}

/// A known vulnerability of one package, whatever number of records tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vulnerability {
    pub package: String,
    pub version: String,
    /// Its ids in all databases, that of the first record first.
    pub names: Vec<String>,
    /// The worst that a record says; `None` where none does.
    pub rating: Option<Rating>,
    /// The least version without it.
    pub fixed_in: Option<String>,
    pub summary: String,
}

/// Packages that were not looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexamined {
    pub count: usize,
    /// Of whom, and why: `packages of apt: the records are about no Debian 12`.
    pub why: String,
}

/// A package as records name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NamedPackage {
    pub ecosystem: Ecosystem,
    pub name: String,
    pub version: String,
}

impl Vulnerability {
    /// Whether it is as bad as that. One of which nobody says how bad it is may be.
    pub fn is_at_least(&self, rating: Rating) -> bool {
        self.rating.is_none_or(|it| it >= rating)
    }

    /// Its id, with the CVE's where that is another.
    pub fn title(&self) -> String {
        let first = self.names.first().map_or("", String::as_str);
        let cve = self.names.iter().find(|it| it.starts_with("CVE-") && *it != first);
        cve.map_or_else(|| first.to_owned(), |cve| format!("{first} ({cve})"))
    }

    /// Takes in what another record says of the same.
    fn merge(&mut self, other: Self) {
        let new: Vec<String> = other.names.into_iter().filter(|it| !self.names.contains(it)).collect();
        self.names.extend(new);
        self.rating = self.rating.max(other.rating);
        self.fixed_in = self.fixed_in.take().or(other.fixed_in);
        if self.summary.is_empty() {
            self.summary = other.summary;
        }
    }
}

impl Audit {
    /// `source` is the file of the exceptions.
    pub fn new(
        inventory: &Inventory,
        database: &AdvisoryDatabase,
        exceptions: &Exceptions,
        source: &Source,
        today: CalendarDate,
    ) -> Self {
        let (known, unknown): (BTreeSet<_>, BTreeSet<_>) =
            inventory.packages().into_iter().partition(|it| database.has(&it.ecosystem));
        let found: Vec<Vulnerability> =
            known.iter().flat_map(|it| vulnerabilities(it, database.advisories())).collect();
        let applies = |it: &ExceptionEntry, to: &Vulnerability| {
            to.names.contains(&it.id) && it.package.as_ref().is_none_or(|name| *name == to.package)
        };
        let is_excepted =
            |it: &Vulnerability| exceptions.entries().iter().any(|entry| entry.until >= today && applies(entry, it));
        let mut findings = Findings::default();
        for entry in exceptions.entries() {
            let is_used = found.iter().any(|it| applies(entry, it));
            if !is_used {
                let message = format!("nothing that was looked up has `{}`", entry.id);
                findings.push(source.at(Code::AuditUnused, entry.id_place, message).help("remove the entry"));
            } else if entry.until < today {
                let message = format!("the exception for `{}` has ended", entry.id);
                let help = "install a version without it; or look at it again, and give another day";
                findings.push(source.at(Code::AuditIgnore, entry.until_place, message).help(help));
            }
        }
        let (excepted, mut vulnerabilities): (Vec<_>, Vec<_>) = found.into_iter().partition(is_excepted);
        sort_by(&mut vulnerabilities, |one, other| {
            let worst = |it: &Vulnerability| it.rating.unwrap_or(Rating::Critical);
            worst(other).cmp(&worst(one)).then_with(|| (&one.package, &one.names).cmp(&(&other.package, &other.names)))
        });
        Self {
            vulnerabilities,
            excepted: excepted.len(),
            findings,
            examined: known.len(),
            unexamined: unexamined(inventory, &unknown),
        }
    }
}

fn vulnerabilities(package: &NamedPackage, advisories: &[Advisory]) -> Vec<Vulnerability> {
    let NamedPackage { ecosystem, name, version } = package;
    let mut found: Vec<Vulnerability> = Vec::new();
    for advisory in advisories.iter().filter(|it| it.affects(ecosystem, name, version)) {
        let mut vulnerability = Vulnerability {
            package: name.clone(),
            version: version.clone(),
            names: advisory.names.clone(),
            rating: advisory.rating,
            fixed_in: advisory.fixed_in(ecosystem, name, version).map(str::to_owned),
            summary: advisory.summary.clone(),
        };
        // A record may join two that had no name in common.
        let names = vulnerability.names.clone();
        let is_same = |it: &mut Vulnerability| it.names.iter().any(|name| names.contains(name));
        let same: Vec<Vulnerability> = found.extract_if(.., is_same).collect();
        vulnerability = same.into_iter().rev().fold(vulnerability, |later, mut earlier| {
            earlier.merge(later);
            earlier
        });
        found.push(vulnerability);
    }
    found
}

impl Inventory {
    /// What can be looked up: distributions of Python, those in conda's packages among them, and Debian's source packages. What is
    /// of a local directory may have the name of something else.
    pub(super) fn packages(&self) -> BTreeSet<NamedPackage> {
        let python = self.materials.iter().filter(|it| is_of_python(it));
        let python = python.filter_map(|it| Some((it.name.clone(), it.version.clone()?)));
        let brought = self.brought_by_conda.iter().map(|(name, version)| (name.clone(), version.clone()));
        let python =
            python.chain(brought).map(|(name, version)| NamedPackage { ecosystem: Ecosystem::PyPi, name, version });
        let sources = self.debian_release().map(|release| {
            let sources = self.materials.iter().filter_map(|it| it.source.clone());
            sources.map(move |it| NamedPackage {
                ecosystem: Ecosystem::Debian(release.to_owned()),
                name: it.name,
                version: it.version,
            })
        });
        python.chain(sources.into_iter().flatten()).into_set()
    }

    fn debian_release(&self) -> Option<&str> {
        let release = self.release.as_ref().filter(|it| it.id.as_deref() == Some("debian"))?;
        release.release.as_deref()
    }
}

fn is_of_python(material: &Material) -> bool {
    material.kind == MaterialKind::Python && !matches!(material.origin, MaterialOrigin::Directory(_))
}

fn unexamined(inventory: &Inventory, unknown: &BTreeSet<NamedPackage>) -> Vec<Unexamined> {
    let count = |is_one: &dyn Fn(&Material) -> bool| inventory.materials.iter().filter(|it| is_one(it)).count();
    let brought = inventory.brought_by_conda.len();
    let has_no_python = unknown.iter().any(|it| it.ecosystem == Ecosystem::PyPi);
    let has_no_debian = unknown.iter().any(|it| matches!(it.ecosystem, Ecosystem::Debian(_)));
    let apt = match (inventory.debian_release(), &inventory.release) {
        (Some(release), _) if has_no_debian => format!("the records are about no `Debian:{release}`"),
        (Some(_), _) => String::new(),
        (None, Some(_)) => "only those of Debian's numbered releases can be looked up".to_owned(),
        (None, None) => "only an image tells what they were built from".to_owned(),
    };
    let python = count(&is_of_python);
    let without_version = count(&|it| is_of_python(it) && it.version.is_none());
    [
        (count(&|it| it.kind == MaterialKind::Apt && !apt.is_empty()), format!("of apt: {apt}")),
        (
            count(&|it| it.kind == MaterialKind::Conda),
            format!("of conda: no records name them; the {brought} Python distributions in them were looked up"),
        ),
        (if has_no_python { python } else { 0 }, "of Python: the records are about no `PyPI`".to_owned()),
        (without_version, "without a version".to_owned()),
        (
            count(&|it| matches!(it.origin, MaterialOrigin::Directory(_))),
            "of local directories, which may have the name of something else".to_owned(),
        ),
    ]
    .into_iter()
    .filter(|it| it.0 > 0)
    .map(|(count, why)| Unexamined { count, why })
    .collect()
}
