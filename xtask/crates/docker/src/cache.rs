//! Caches that hold the steps of a build for other machines.

use std::fmt;

use camino::Utf8Path;

use environment::Platform;

use super::csv;

/// The kinds of cache that buildx knows and this tool uses.
///
/// <https://docs.docker.com/build/cache/backends/>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheKind {
    /// Every stage, beside the image in its registry.
    Registry,
    /// The image's own stages, within the image.
    Inline,
    /// Every stage, in GitHub's cache, within a workflow.
    Gha,
    /// Every stage, in a directory of the repository.
    Local,
}

/// The caches that a build reads and writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caches {
    pub from: Vec<CacheKind>,
    pub to: Vec<CacheKind>,
}

/// What the addresses of a build's caches are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachePlace<'a> {
    /// The image's name with its registry, without its tag.
    pub image: &'a str,
    /// The tag of the newest image.
    pub newest: &'a str,
    pub target: &'a str,
    pub platforms: &'a [Platform],
    /// The directory of local caches.
    pub directory: &'a Utf8Path,
}

impl CacheKind {
    pub const ALL: [Self; 4] = [Self::Registry, Self::Inline, Self::Gha, Self::Local];

    /// buildx's word for the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Inline => "inline",
            Self::Gha => "gha",
            Self::Local => "local",
        }
    }

    fn is_read_by_classic_daemon(self) -> bool {
        self != Self::Gha
    }

    fn is_written_by_classic_daemon(self) -> bool {
        self == Self::Inline
    }
}

impl fmt::Display for CacheKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Caches {
    pub fn is_empty(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }

    /// Whether a cache is read from or written to the image's registry, apart from what is pushed with the image.
    pub fn need_registry(&self) -> bool {
        self.from.iter().any(|it| matches!(it, CacheKind::Registry | CacheKind::Inline))
            || self.to.contains(&CacheKind::Registry)
    }

    /// The first option that a builder does not support. `is_classic` is whether the builder is a daemon that keeps images in
    /// its classic store.
    pub fn unsupported_option(&self, is_classic: bool) -> Option<String> {
        let from = self.from.iter().find(|it| is_classic && !it.is_read_by_classic_daemon());
        let to = self.to.iter().find(|it| is_classic && !it.is_written_by_classic_daemon());
        from.map(|it| format!("--cache-from {it}")).or_else(|| to.map(|it| format!("--cache-to {it}")))
    }

    pub fn addresses(&self, place: &CachePlace) -> CacheAddresses {
        let architectures: Vec<&str> = place.platforms.iter().map(Platform::architecture).collect();
        let scope = format!("{}-{}", place.target, architectures.join("-"));
        let registry = format!("type=registry,ref={}:buildcache-{scope}", place.image);
        let directory = place.directory.join(&scope);
        let from = |kind: &CacheKind| match kind {
            CacheKind::Registry => registry.clone(),
            CacheKind::Inline => format!("type=registry,ref={}:{}", place.image, place.newest),
            CacheKind::Gha => format!("type=gha,scope={scope}"),
            CacheKind::Local => format!("type=local,{}", csv::field("src", &directory)),
        };
        let to = |kind: &CacheKind| match kind {
            // Every registry takes an image's manifest, and not every one the index that BuildKit else makes.
            CacheKind::Registry => format!("{registry},mode=max,image-manifest=true"),
            CacheKind::Inline => "type=inline".to_owned(),
            CacheKind::Gha => format!("type=gha,scope={scope},mode=max"),
            CacheKind::Local => format!("type=local,{},mode=max", csv::field("dest", &directory)),
        };
        CacheAddresses { from: self.from.iter().map(from).collect(), to: self.to.iter().map(to).collect() }
    }
}

/// Caches as values of buildx's options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheAddresses {
    pub from: Vec<String>,
    pub to: Vec<String>,
}

impl CacheAddresses {
    /// The options of `docker buildx build`, each followed by its value.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
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
        Caches { from: from.to_vec(), to: to.to_vec() }.addresses(&place).arguments().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_kind_has_an_address_of_its_own() {
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
    fn a_classic_daemon_writes_only_inline_caches() {
        let unsupported =
            |from: &[CacheKind], to: &[CacheKind]| Caches { from: from.into(), to: to.into() }.unsupported_option(true);
        for kind in CacheKind::ALL {
            assert_eq!(unsupported(&[], &[kind]).is_none(), kind == CacheKind::Inline, "{kind}");
            assert_eq!(unsupported(&[kind], &[]).is_none(), kind != CacheKind::Gha, "{kind}");
            assert_eq!(Caches { from: vec![kind], to: vec![kind] }.unsupported_option(false), None);
        }
    }
}
