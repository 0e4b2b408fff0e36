//! Where a build's steps are kept for other machines, and got from.

use std::fmt;

use camino::Utf8Path;

use environment::Platform;

use super::csv;

/// A place for steps that were built.
///
/// <https://docs.docker.com/build/cache/backends/>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheKind {
    /// Beside the image in its registry, every stage.
    Registry,
    /// Within the image itself, its own stages.
    Inline,
    /// In GitHub's cache, within a workflow.
    Gha,
    /// In a directory of the repository.
    Local,
}

/// What a build reads from other builds, and leaves for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caches {
    /// Read from these.
    pub from: Vec<CacheKind>,
    /// Leave to these.
    pub to: Vec<CacheKind>,
}

/// What the caches of one build are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachePlace<'a> {
    /// The image's name with its registry, without its tag.
    pub image: &'a str,
    /// The tag of the newest image.
    pub newest: &'a str,
    /// What is built.
    pub target: &'a str,
    /// For what.
    pub platforms: &'a [Platform],
    /// A directory for those that are local.
    pub directory: &'a Utf8Path,
}

impl CacheKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Registry, Self::Inline, Self::Gha, Self::Local];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Inline => "inline",
            Self::Gha => "gha",
            Self::Local => "local",
        }
    }

    fn is_read_by_a_plain_daemon(self) -> bool {
        self != Self::Gha
    }

    fn is_written_by_a_plain_daemon(self) -> bool {
        self == Self::Inline
    }
}

impl fmt::Display for CacheKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Caches {
    /// Whether any is asked for.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }

    /// Whether any is read or left in a registry by the image's name.
    pub fn need_a_registry(&self) -> bool {
        self.from.iter().any(|it| matches!(it, CacheKind::Registry | CacheKind::Inline))
            || self.to.contains(&CacheKind::Registry)
    }

    /// The first that a builder cannot do, as the option that asks for it. `is_plain` is whether it is a daemon that keeps
    /// images in its classic store.
    pub fn beyond(&self, is_plain: bool) -> Option<String> {
        let from = self.from.iter().find(|it| is_plain && !it.is_read_by_a_plain_daemon());
        let to = self.to.iter().find(|it| is_plain && !it.is_written_by_a_plain_daemon());
        from.map(|it| format!("--cache-from {it}")).or_else(|| to.map(|it| format!("--cache-to {it}")))
    }

    /// As buildx names them.
    pub fn addresses(&self, place: &CachePlace) -> CacheAddresses {
        let architectures: Vec<&str> = place.platforms.iter().map(Platform::architecture).collect();
        let own = format!("{}-{}", place.target, architectures.join("-"));
        let registry = format!("type=registry,ref={}:buildcache-{own}", place.image);
        let directory = place.directory.join(&own);
        let from = |kind: &CacheKind| match kind {
            CacheKind::Registry => registry.clone(),
            CacheKind::Inline => format!("type=registry,ref={}:{}", place.image, place.newest),
            CacheKind::Gha => format!("type=gha,scope={own}"),
            CacheKind::Local => format!("type=local,{}", csv::field("src", &directory)),
        };
        let to = |kind: &CacheKind| match kind {
            // Every registry takes an image's manifest, and not every one the index that BuildKit else makes.
            CacheKind::Registry => format!("{registry},mode=max,image-manifest=true"),
            CacheKind::Inline => "type=inline".to_owned(),
            CacheKind::Gha => format!("type=gha,scope={own},mode=max"),
            CacheKind::Local => format!("type=local,{},mode=max", csv::field("dest", &directory)),
        };
        CacheAddresses { from: self.from.iter().map(from).collect(), to: self.to.iter().map(to).collect() }
    }
}

/// Caches as buildx names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheAddresses {
    /// Read from these.
    pub from: Vec<String>,
    /// Leave to these.
    pub to: Vec<String>,
}

impl CacheAddresses {
    /// The options of `docker buildx build`.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        let from = self.from.iter().flat_map(|it| ["--cache-from", it]);
        from.chain(self.to.iter().flat_map(|it| ["--cache-to", it]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(from: &[CacheKind], to: &[CacheKind]) -> String {
        let platforms = ["linux/amd64", "linux/arm64"].map(|it| Platform::parse(it).unwrap());
        let place = CachePlace {
            image: "h:5000/lab/x",
            newest: "runtime",
            target: "runtime",
            platforms: &platforms,
            directory: "/c".into(),
        };
        Caches { from: from.to_vec(), to: to.to_vec() }.addresses(&place).options().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_kind_has_a_place_of_its_own() {
        use CacheKind::*;
        assert_eq!(
            options(&[Registry, Inline], &[]),
            "--cache-from type=registry,ref=h:5000/lab/x:buildcache-runtime-amd64-arm64 --cache-from \
             type=registry,ref=h:5000/lab/x:runtime"
        );
        assert_eq!(options(&[], &[Inline]), "--cache-to type=inline");
        assert_eq!(options(&[], &[Gha]), "--cache-to type=gha,scope=runtime-amd64-arm64,mode=max");
        assert_eq!(
            options(&[Local], &[Local]),
            "--cache-from type=local,src=/c/runtime-amd64-arm64 --cache-to \
             type=local,dest=/c/runtime-amd64-arm64,mode=max"
        );
    }

    #[test]
    fn a_plain_daemon_leaves_only_what_is_within_the_image() {
        let beyond = |from: &[CacheKind], to: &[CacheKind]| Caches { from: from.into(), to: to.into() }.beyond(true);
        for kind in CacheKind::ALL {
            assert_eq!(beyond(&[], &[kind]).is_none(), kind == CacheKind::Inline, "{kind}");
            assert_eq!(beyond(&[kind], &[]).is_none(), kind != CacheKind::Gha, "{kind}");
            assert_eq!(Caches { from: vec![kind], to: vec![kind] }.beyond(false), None);
        }
    }
}
