//! A lock's packages as the lists by which an image's layers are made, each for itself.

use std::collections::BTreeSet;

use process::IntoMap as _;

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

    /// The lists of its layers. Where scripts of conda's packages run, all of these are in the base, for a script may want any
    /// other package. `whole` are all of conda's packages, `tool` is this tool's version.
    pub fn layer_lists(&self, whole: Option<&CondaInstall>, tool: &str) -> LayerLists {
        let files = |is_wanted: &dyn Fn(&LockedName) -> bool| {
            let is_wanted = |name: &str| is_wanted(&LockedName::Conda(name.to_owned()));
            let wanted =
                self.conda.iter().filter(|it| it.name_version_build().is_some_and(|(name, ..)| is_wanted(name)));
            wanted.cloned().collect()
        };
        // What people have asked for is noted once all is installed: it changes no layer.
        let install = |whole: &CondaInstall, is_wanted: &dyn Fn(&LockedName) -> bool| CondaInstall {
            files: files(is_wanted),
            intent: CondaIntent { channels: Vec::new(), specs: Vec::new() },
            system: AssumedSystem::default(),
            ..whole.clone()
        };
        let is_whole = whole.is_some_and(|it| !it.link_scripts.is_empty());
        let is_in_base = |name: &LockedName| is_whole || self.layers.base.contains_key(name);
        let layer = |packages: &PackageSizes| {
            let has_conda = !is_whole && packages.keys().any(|it| matches!(it, LockedName::Conda(_)));
            let is_wanted = |name: &LockedName| is_in_base(name) || packages.contains_key(name);
            let conda = whole.filter(|_| has_conda).map(|it| install(it, &is_wanted));
            let pylock = self.pylock_of(tool, |name, _| packages.contains_key(&LockedName::Pip(name.to_owned())));
            LayerList { conda, pylock }
        };
        LayerLists {
            base: whole.map(|it| install(it, &is_in_base)),
            layers: self.layers.layers.iter().map(layer).filter(|it| !it.is_empty()).collect(),
            built: self.pylock_of(tool, |_, source| !source.has_wheel()),
        }
    }

    /// The part of `pylock.toml` with some packages; `None` without any.
    fn pylock_of(&self, tool: &str, is_wanted: impl Fn(&str, &LockedSource) -> bool) -> Option<String> {
        let packages = self.pylock.packages.iter().filter(|(name, it)| is_wanted(name, &it.source));
        let packages = packages.map(|(name, it)| (name.clone(), it.clone())).into_map();
        let part = Pylock { packages, requires_python: self.pylock.requires_python.clone() };
        (!part.packages.is_empty()).then(|| part.text(&created_by(tool)))
    }

    /// Cuts its packages into layers, as the plan before did as far as that goes. `base` are conda's Python and all that it needs,
    /// by name; `None` where they are the same as before.
    #[must_use]
    pub(super) fn layered(self, base: Option<BTreeSet<String>>, before: Option<&LayerPlan>) -> Self {
        let conda = self.conda.iter().filter_map(|it| Some(it.name_version_build()?.0.to_owned()));
        let base = base.or_else(|| before.map(LayerPlan::base_names)).filter(|it| !it.is_empty());
        // All of conda's packages together have Python, too.
        let base = base.unwrap_or_else(|| conda.collect());
        let layers = LayerPlan::new(&self.packages_to_layer(base), before);
        Self { layers, ..self }
    }
}

impl Lock {
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
