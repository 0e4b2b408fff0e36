//! The cache mounts of the builds that are measured.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use process::{
    Invocation,
    files::{NewFile, read_text_if_any},
};

use super::{super::side::Side, Scale, Trial};

/// Before the ids of caches that go with the benchmark.
const LARGE: &str = "large-";

impl Trial<'_> {
    /// A Dockerfile with caches of its own. Those of apt are locked while a step uses them, so that a build would wait for other
    /// builds; those of gigabytes go with the benchmark.
    pub(super) fn with_own_caches(&self, dockerfile: &str) -> String {
        match self.scale {
            Scale::Small => dockerfile.replace("type=cache,id=apt-", "type=cache,id=bench-apt-"),
            Scale::Large => dockerfile.replace("type=cache,id=", &format!("type=cache,id={LARGE}")),
        }
    }

    /// Empties the caches that a large benchmark has filled, by a build that mounts them.
    pub(super) fn empty_large_caches(&self) {
        let dockerfiles = [
            self.path(Side::Usual.word()).join("Dockerfile"),
            self.path(Side::Strong.word()).join("Dockerfile"),
            self.our_dockerfile(),
        ];
        let texts = dockerfiles.iter().filter_map(|it| read_text_if_any(it).ok().flatten());
        let ids: BTreeSet<String> = texts.flat_map(|it| large_cache_ids(&it)).collect();
        if ids.is_empty() {
            return;
        }
        let directory = self.path("empty");
        let written = self.cx.files.create_dir(&directory).and_then(|()| {
            self.cx.files.write(&directory.join("Dockerfile"), &NewFile::text(emptying_dockerfile(&ids)))
        });
        let build = Invocation::new("docker")
            .args(["buildx", "build", "--load", "--no-cache", "--label", &self.label()])
            .args(["--build-arg", &format!("BASE_IMAGE={}", self.base_image), directory.as_str()]);
        // What stays is said, because it is gigabytes.
        let is_empty = written.is_ok() && self.cx.runner.clean_up(&build).is_ok_and(|it| it.exit.success());
        if !is_empty {
            self.cx.ui.notice("the caches of the large packages were not emptied; `docker buildx prune` does it");
        }
    }

    /// The Dockerfile of our copy.
    pub(super) fn our_dockerfile(&self) -> Utf8PathBuf {
        self.path(Side::Ours.word()).join(self.cx.layout.relative(&self.cx.layout.dockerfile()))
    }
}

/// The ids of the caches in a Dockerfile that go with the benchmark.
fn large_cache_ids(dockerfile: &str) -> BTreeSet<String> {
    let words = dockerfile.split([',', ' ', '\n']).filter_map(|it| it.strip_prefix("id="));
    words.filter(|it| it.starts_with(LARGE)).map(str::to_owned).collect()
}

fn emptying_dockerfile(ids: &BTreeSet<String>) -> String {
    let mounts: String = ids.iter().map(|it| format!("--mount=type=cache,id={it},target=/caches/{it} ")).collect();
    format!("ARG BASE_IMAGE\nFROM ${{BASE_IMAGE}}\nUSER 0:0\nRUN {mounts}find /caches -mindepth 2 -delete\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_caches_of_gigabytes_are_emptied_and_no_other() {
        let dockerfile = "RUN --mount=type=cache,id=large-uv,target=/var/cache/uv \\\n    \
                          --mount=type=cache,target=/x,id=large-bench-pip \\\n --mount=type=cache,id=apt,target=/y \\\n\
                          --mount=type=secret,id=ca true\n";
        let ids = large_cache_ids(dockerfile);
        let expected = "RUN --mount=type=cache,id=large-bench-pip,target=/caches/large-bench-pip \
                        --mount=type=cache,id=large-uv,target=/caches/large-uv find /caches -mindepth 2 -delete\n";
        let text = emptying_dockerfile(&ids);
        assert!(text.ends_with(expected), "{text}");
    }
}
