//! Which packages share a layer of the images, so that a change costs what it weighs and not the gigabytes below it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::iter;
use std::str::FromStr;

use process::{IntoMap as _, IntoSet as _, sort_by};

/// A package of a lock, by who installs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockedName {
    Conda(String),
    /// By normalised name.
    Pip(String),
}

/// The bytes of packages' files as they are downloaded.
pub type PackageSizes = BTreeMap<LockedName, u64>;

/// The cut of a lock's packages into layers, from the lowest to the last. Packages that are built from source are in none of
/// them: they are built on top of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerPlan {
    /// conda's Python and all that it needs, on which the layers are installed; empty where conda brings none.
    pub base: PackageSizes,
    pub layers: Vec<PackageSizes>,
}

/// What a plan is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackagesToLayer {
    /// conda's Python and all that it needs, by name.
    pub base: BTreeSet<String>,
    /// `None` where the size is not known.
    pub sizes: Vec<(LockedName, Option<u64>)>,
}

impl LayerPlan {
    /// How many layers there can be above the base. The Dockerfile has a stage for each.
    pub const MAX_LAYERS: usize = 8;

    /// How many a first plan has at most, which leaves room for what is added later.
    const FIRST_LAYERS: usize = 4;

    /// A package of this size is not rewritten for the sake of small ones.
    const LARGE: u64 = 50_000_000;

    /// What a package weighs whose size nobody knows.
    const USUAL: u64 = 1_000_000;

    /// Keeps the layers of the plan before as they are, but for packages that are gone, and gives what is new a layer of its own
    /// on top. The same packages give the same plan on every machine.
    pub fn new(packages: &PackagesToLayer, before: Option<&Self>) -> Self {
        let known = before.map(Self::sizes).unwrap_or_default();
        let size = |(name, size): &(LockedName, Option<u64>)| {
            (name.clone(), size.or_else(|| known.get(name).copied()).unwrap_or(Self::USUAL))
        };
        let is_base = |it: &LockedName| matches!(it, LockedName::Conda(name) if packages.base.contains(name));
        let (base, others): (PackageSizes, PackageSizes) =
            packages.sizes.iter().map(size).partition(|(name, _)| is_base(name));
        let layers = match before {
            None => first_layers(others),
            Some(before) => grown_layers(&before.layers, others),
        };
        Self { base, layers }
    }

    /// Every package with its size.
    pub fn sizes(&self) -> PackageSizes {
        self.layers.iter().chain([&self.base]).flatten().map(|(name, size)| (name.clone(), *size)).into_map()
    }

    /// The names of conda's Python and all that it needs.
    pub fn base_names(&self) -> BTreeSet<String> {
        let name = |it: &LockedName| match it {
            LockedName::Conda(name) | LockedName::Pip(name) => name.clone(),
        };
        self.base.keys().map(name).into_set()
    }
}

/// Large packages from the largest down, each by itself; above them conda's small ones, then pip's, which change most often.
fn first_layers(packages: PackageSizes) -> Vec<PackageSizes> {
    let (large, small): (Vec<_>, Vec<_>) = packages.into_iter().partition(|(_, size)| *size >= LayerPlan::LARGE);
    let mut large: Vec<PackageSizes> = large.into_iter().map(|it| iter::once(it).into_map()).collect();
    sort_by(&mut large, |one, other| weight(other).cmp(&weight(one)));
    let (conda, mut pip): (PackageSizes, PackageSizes) =
        small.into_iter().partition(|(name, _)| matches!(name, LockedName::Conda(_)));
    let mut small = Vec::new();
    if weight(&conda) < LayerPlan::LARGE {
        pip.extend(conda);
    } else {
        small.push(conda);
    }
    small.extend(Some(pip).filter(|it| !it.is_empty()));
    while large.len() + small.len() > LayerPlan::FIRST_LAYERS {
        merge(&mut large, smallest_neighbours);
    }
    large.extend(small);
    large
}

/// As a log-structured merge tree does: a package is rewritten some log n times while n others come.
fn grown_layers(before: &[PackageSizes], packages: PackageSizes) -> Vec<PackageSizes> {
    let mut layers: Vec<PackageSizes> = Vec::new();
    let has = |layers: &[PackageSizes], name: &LockedName| layers.iter().any(|it| it.contains_key(name));
    for layer in before {
        let staying = layer.keys().filter(|it| !has(&layers, it));
        let staying = staying.filter_map(|it| Some((it.clone(), *packages.get(it)?))).into_map();
        layers.extend(Some(staying).filter(|it| !it.is_empty()));
    }
    let new = packages.into_iter().filter(|(name, _)| !has(&layers, name)).into_map();
    layers.extend(Some(new).filter(|it| !it.is_empty()));
    if layers.len() > LayerPlan::MAX_LAYERS {
        merge(&mut layers, last_two);
        while layers.len() > 1 && weight(&layers[layers.len() - 2]) <= weight(&layers[layers.len() - 1]) {
            merge(&mut layers, last_two);
        }
    }
    layers
}

fn weight(layer: &PackageSizes) -> u64 {
    layer.values().sum()
}

/// Merges the layer at a place with the one above it.
fn merge(layers: &mut Vec<PackageSizes>, place: fn(&[PackageSizes]) -> usize) {
    let at = place(layers);
    let upper = layers.remove(at + 1);
    layers[at].extend(upper);
}

fn last_two(layers: &[PackageSizes]) -> usize {
    layers.len() - 2
}

fn smallest_neighbours(layers: &[PackageSizes]) -> usize {
    let pairs = layers.windows(2).map(|it| weight(&it[0]) + weight(&it[1]));
    pairs.enumerate().min_by_key(|(_, weight)| *weight).map_or(0, |(at, _)| at)
}

impl fmt::Display for LockedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conda(name) => write!(f, "conda {name}"),
            Self::Pip(name) => write!(f, "pip {name}"),
        }
    }
}

/// The word before the name is not one that says who installs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoLockedName;

impl FromStr for LockedName {
    type Err = NoLockedName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(' ') {
            Some(("conda", name)) => Ok(Self::Conda(name.to_owned())),
            Some(("pip", name)) => Ok(Self::Pip(name.to_owned())),
            _ => Err(NoLockedName),
        }
    }
}

#[cfg(test)]
mod tests;
