//! The records that are about some packages, out of very many.

use std::collections::BTreeSet;

use specs::python::normalised;

use crate::Inventory;

use super::{
    Advisory, Ecosystem,
    records::{objects, texts_of},
};

/// What a database has on the packages of an inventory. Records about others are not parsed, and not kept.
#[derive(Debug)]
pub struct AdvisoryDatabase {
    /// As records may name the packages: normalised for Python, the source for Debian.
    wanted: BTreeSet<String>,
    /// Whose packages there are records of, such as `PyPI` and `Debian:12`.
    ecosystems: BTreeSet<String>,
    records: usize,
    advisories: Vec<Advisory>,
}

impl AdvisoryDatabase {
    pub fn for_packages_of(inventory: &Inventory) -> Self {
        let packages = inventory.packages();
        let wanted = packages.into_iter().map(|it| it.name).collect();
        Self { wanted, ecosystems: BTreeSet::new(), records: 0, advisories: Vec::new() }
    }

    /// Takes the records in a text: one, a list of them, or one a line. The error says what is wrong with one of them.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        for record in objects(text) {
            self.records += 1;
            for ecosystem in
                texts_of(record, "ecosystem").filter(|it| !self.ecosystems.contains(*it)).collect::<Vec<_>>()
            {
                self.ecosystems.insert(ecosystem.to_owned());
            }
            // To parse all takes ten times as long.
            let is_wanted =
                texts_of(record, "name").any(|it| self.wanted.contains(it) || self.wanted.contains(&normalised(it)));
            if is_wanted {
                self.advisories.extend(Advisory::parse(record)?);
            }
        }
        Ok(())
    }

    /// How many records it was given.
    pub fn count(&self) -> usize {
        self.records
    }

    pub(super) fn advisories(&self) -> &[Advisory] {
        &self.advisories
    }

    pub(super) fn has(&self, ecosystem: &Ecosystem) -> bool {
        match ecosystem {
            Ecosystem::PyPi => self.ecosystems.contains("PyPI"),
            Ecosystem::Debian(release) => self.ecosystems.contains(&format!("Debian:{release}")),
        }
    }
}
