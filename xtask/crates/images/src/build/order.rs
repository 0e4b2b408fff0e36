//! What the user wants to build.

use docker::{CachePolicy, Caches, Export};
use environment::Platform;
use inputs::LockUse;

use crate::{ImageName, Target};

#[derive(Debug)]
pub struct BuildOrder<'a> {
    pub targets: &'a [Target],
    /// Empty for this machine's platform.
    pub platforms: &'a [Platform],
    /// A builder that `docker buildx ls` lists; `None` for the current one.
    pub builder: Option<&'a str>,
    /// What the images are called; `None` for the name in the settings.
    pub name: Option<&'a ImageName>,
    pub export: Export,
    pub caches: Caches,
    pub lock_use: LockUse,
    pub cache_policy: CachePolicy<'a>,
}

impl<'a> BuildOrder<'a> {
    /// Images of these targets for this machine's daemon.
    pub fn ordinary(targets: &'a [Target]) -> Self {
        Self {
            targets,
            platforms: &[],
            builder: None,
            name: None,
            export: Export::Load,
            caches: Caches::default(),
            lock_use: LockUse::Prefer,
            cache_policy: CachePolicy::default(),
        }
    }

    /// Whether every builder can do it, so that nothing has to be asked first.
    pub fn is_ordinary(&self) -> bool {
        let is_for_elsewhere = self.export != Export::Load || self.name.is_some();
        !is_for_elsewhere && self.platforms.is_empty() && self.builder.is_none() && self.caches.is_empty()
    }

    /// The first platform, and each of the others once.
    pub(super) fn each_platform(&self) -> (Platform, Vec<Platform>) {
        let [first, rest @ ..] = self.platforms else { return (Platform::of_containers(), Vec::new()) };
        let mut others: Vec<Platform> = Vec::new();
        for platform in rest {
            if platform != first && !others.contains(platform) {
                others.push(platform.clone());
            }
        }
        (first.clone(), others)
    }
}
