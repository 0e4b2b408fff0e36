//! Which distributions are there because others need them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use specs::python::{Requirement, normalised};

use super::{Distribution, Snapshot};

/// Distributions that are needed, by normalised name, with the extras that are needed of them.
pub(super) struct NeededDistributions<'a> {
    snapshot: &'a Snapshot,
    installed: HashMap<String, &'a Distribution>,
    reached: BTreeMap<String, Vec<String>>,
}

impl<'a> NeededDistributions<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let installed = snapshot.distributions.iter().map(|it| (it.normalised_name(), it)).collect();
        Self { snapshot, installed, reached: BTreeMap::new() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.reached.contains_key(name)
    }

    /// A distribution is needed with some extras, and so is all that it needs itself.
    pub fn add(&mut self, name: &str, extras: &[String]) {
        let mut next = vec![(normalised(name), extras.iter().map(|it| normalised(it)).collect::<Vec<_>>())];
        while let Some((name, extras)) = next.pop() {
            let Some(distribution) = self.installed.get(&name).copied() else { continue };
            let is_new = !self.reached.contains_key(&name);
            let known = self.reached.entry(name).or_default();
            let before = known.len();
            for extra in extras {
                if !known.contains(&extra) {
                    known.push(extra);
                }
            }
            if is_new || known.len() > before {
                let known = known.clone();
                next.extend(
                    self.needs(distribution, &known)
                        .map(|it| (normalised(&it.name), it.extras.iter().map(|it| normalised(it)).collect())),
                );
            }
        }
    }

    fn needs<'b>(
        &'b self,
        distribution: &'b Distribution,
        extras: &'b [String],
    ) -> impl Iterator<Item = &'b Requirement> {
        distribution.needs(&self.snapshot.interpreter.markers, extras)
    }

    /// The first of those distributions that nobody needs and that all others of them may be there for.
    ///
    /// Where some need each other, one of them has to be the first.
    pub fn first_root<'b>(&self, unexplained: &'b BTreeSet<String>) -> Option<&'b String> {
        let mut needed = BTreeSet::new();
        for name in unexplained {
            let Some(distribution) = self.installed.get(name) else { continue };
            needed.extend(self.needs(distribution, &[]).map(|it| normalised(&it.name)).filter(|it| it != name));
        }
        unexplained.iter().find(|it| !needed.contains(*it)).or_else(|| unexplained.first())
    }
}
