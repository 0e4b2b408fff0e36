//! A lock's packages as the lists by which an image's layers are made, each for itself.

use std::collections::BTreeSet;

use process::{IntoMap as _, IntoSet as _};

use super::{LayerPlan, Lock, LockedName, LockedSource, PackageSizes, PackagesToLayer, Pylock, created_by};
use crate::conda::{AssumedSystem, CondaInstall, CondaIntent};

/// The same packages as in the lists of a lock, cut into layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerLists {
    /// What all layers are installed on; `None` with uv, which needs nothing but Python.
    pub base: Option<CondaInstall>,
    /// From the lowest to the last.
    pub layers: Vec<LayerList>,
    /// `pylock.toml` of what is built from source, which may take compilers and everything else; `None` where nothing is.
    pub built: Option<String>,
}

/// What one layer is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerList {
    /// conda's packages, with those of the base, which are there already; `None` where it has none.
    pub conda: Option<CondaInstall>,
    /// `pylock.toml`, where it has packages of pip's.
    pub pylock: Option<String>,
}

impl Lock {
    /// The packages that are cut into layers.
    pub(super) fn packages_to_layer(&self, base: BTreeSet<String>) -> PackagesToLayer {
        let conda = self.conda.iter().filter_map(|it| {
            let (name, ..) = it.name_version_build()?;
            Some((LockedName::Conda(name.to_owned()), it.size))
        });
        let pip = self.pylock.packages.iter().filter(|(_, it)| it.source.has_wheel());
        let pip = pip.map(|(name, it)| (LockedName::Pip(name.clone()), it.source.size()));
        PackagesToLayer { base, sizes: conda.chain(pip).collect() }
    }

    /// The lists of its layers. `conda` are all of conda's packages, `tool` is this tool's version.
    pub fn layer_lists(&self, conda: Option<&CondaInstall>, tool: &str) -> LayerLists {
        let cut = Cut { lock: self, all_of_conda: conda, created_by: created_by(tool) };
        LayerLists {
            base: cut.conda(|_| false),
            layers: self.layers.layers.iter().map(|it| cut.layer(it)).filter(|it| !it.is_empty()).collect(),
            built: cut.pylock(|_, source| !source.has_wheel()),
        }
    }

    /// Cuts its packages into layers, as the plan before did as far as that goes. `base` are conda's Python and all that it needs,
    /// by name; `None` where they are the same as before.
    #[must_use]
    pub(super) fn layered(self, base: Option<BTreeSet<String>>, before: Option<&LayerPlan>) -> Self {
        let conda = self.conda.iter().filter_map(|it| Some(it.name_version_build()?.0.to_owned()));
        let base = base.or_else(|| before.map(LayerPlan::base_names)).filter(|it| !it.is_empty());
        // All of conda's packages together have Python, too.
        let base = base.unwrap_or_else(|| conda.into_set());
        let layers = LayerPlan::new(&self.packages_to_layer(base), before);
        Self { layers, ..self }
    }

    /// The same, with its packages cut into layers as if for the first time.
    #[must_use]
    pub fn replanned(self) -> Self {
        let layers = LayerPlan::new(&self.packages_to_layer(self.layers.base_names()), None);
        Self { layers, ..self }
    }
}

impl LayerList {
    fn is_empty(&self) -> bool {
        self.conda.is_none() && self.pylock.is_none()
    }
}

/// What the lists of one lock are cut from.
struct Cut<'a> {
    lock: &'a Lock,
    all_of_conda: Option<&'a CondaInstall>,
    created_by: String,
}

impl Cut<'_> {
    fn layer(&self, packages: &PackageSizes) -> LayerList {
        let has_conda = !self.is_conda_together() && packages.keys().any(|it| matches!(it, LockedName::Conda(_)));
        LayerList {
            conda: if has_conda { self.conda(|name| packages.contains_key(name)) } else { None },
            pylock: self.pylock(|name, _| packages.contains_key(&LockedName::Pip(name.to_owned()))),
        }
    }

    /// Scripts of conda's packages may want any other package: where some run, all packages are in the base.
    fn is_conda_together(&self) -> bool {
        self.all_of_conda.is_some_and(|it| !it.link_scripts.is_empty())
    }

    /// conda's packages of the base, and some more. What people have asked for is noted when all is installed: it changes no layer.
    fn conda(&self, is_wanted: impl Fn(&LockedName) -> bool) -> Option<CondaInstall> {
        let has = |name: &str| {
            let name = LockedName::Conda(name.to_owned());
            self.is_conda_together() || self.lock.layers.base.contains_key(&name) || is_wanted(&name)
        };
        let files = self.lock.conda.iter().filter(|it| it.name_version_build().is_some_and(|(name, ..)| has(name)));
        Some(CondaInstall {
            files: files.cloned().collect(),
            intent: CondaIntent { channels: Vec::new(), specs: Vec::new() },
            system: AssumedSystem::default(),
            ..self.all_of_conda?.clone()
        })
    }

    /// The part of `pylock.toml` with some packages; `None` without any.
    fn pylock(&self, is_wanted: impl Fn(&str, &LockedSource) -> bool) -> Option<String> {
        let Pylock { packages, requires_python } = &self.lock.pylock;
        let packages = packages.iter().filter(|(name, it)| is_wanted(name, &it.source));
        let packages = packages.map(|(name, it)| (name.clone(), it.clone())).into_map();
        let part = Pylock { packages, requires_python: requires_python.clone() };
        (!part.packages.is_empty()).then(|| part.text(&self.created_by))
    }
}
