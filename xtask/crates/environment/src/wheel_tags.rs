//! Which wheel of a release a package was installed from.

use std::collections::BTreeSet;

use process::IntoSet as _;

/// What tells the wheels of a release apart: the build number and the tags of the systems that each is for.
///
/// Source: the PyPA's "Binary distribution format" and "Platform compatibility tags".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelTags {
    build: Option<String>,
    /// Such as `cp312-cp312-manylinux_2_17_x86_64`, each system by itself.
    tags: BTreeSet<String>,
}

impl WheelTags {
    /// Those in the name of a wheel, the last part of its URL. `None` for what is no wheel.
    pub fn of_url(url: &str) -> Option<Self> {
        let path = url.split(['#', '?']).next()?;
        let stem = path.rsplit('/').next()?.strip_suffix(".whl")?;
        let (build, [python, abi, platform]) = match stem.split('-').collect::<Vec<_>>()[..] {
            [_, _, python, abi, platform] => (None, [python, abi, platform]),
            [_, _, build, python, abi, platform] => (Some(build.to_owned()), [python, abi, platform]),
            _ => return None,
        };
        Some(Self { build, tags: expanded(python, abi, platform).into_iter().into_set() })
    }

    /// Those that an installed package has in its metadata, the file `WHEEL`. `None` where it has none.
    pub fn of_metadata<'a>(tags: impl IntoIterator<Item = &'a str>, build: Option<&str>) -> Option<Self> {
        let each = |tag: &'a str| match tag.split('-').collect::<Vec<_>>()[..] {
            [python, abi, platform] => expanded(python, abi, platform),
            _ => Vec::new(),
        };
        let tags = tags.into_iter().flat_map(each).into_set();
        (!tags.is_empty()).then(|| Self { build: build.map(str::to_owned), tags })
    }

    /// Whether these can be of the same file. Some wheels were renamed for more systems, so that one tag in common is enough.
    pub fn may_be(&self, other: &Self) -> bool {
        self.build == other.build && self.tags.iter().any(|it| other.tags.contains(it))
    }

    /// Whether it was built on the machine where it is installed: no index takes a wheel with such a tag.
    pub fn is_built_here(&self) -> bool {
        self.tags.iter().any(|it| it.rsplit('-').next().is_some_and(|it| it.starts_with("linux_")))
    }
}

fn expanded(python: &str, abi: &str, platform: &str) -> Vec<String> {
    let mut tags = Vec::new();
    for python in python.split('.') {
        for abi in abi.split('.') {
            tags.extend(platform.split('.').map(|platform| format!("{python}-{abi}-{platform}")));
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_tags_and_build() {
        let file = |name: &str| WheelTags::of_url(&format!("https://e.org/{name}?x#sha256=0")).unwrap();
        let of = |tags: &[&str], build| WheelTags::of_metadata(tags.iter().copied(), build).unwrap();
        let linux = of(&["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux2014_x86_64"], None);
        assert!(file("a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl").may_be(&linux));
        assert!(!file("a-1-cp312-cp312-manylinux_2_28_x86_64.whl").may_be(&linux));
        assert!(!file("a-1-2-cp312-cp312-manylinux_2_17_x86_64.whl").may_be(&linux), "another build");
        assert!(file("a-1-py2.py3-none-any.whl").may_be(&of(&["py2-none-any", "py3-none-any"], None)));
        assert!(file("a-1-2-py3-none-any.whl").may_be(&of(&["py3-none-any"], Some("2"))));
        assert_eq!((WheelTags::of_url("https://e.org/a-1.tar.gz"), WheelTags::of_metadata([], None)), (None, None));
        assert!(of(&["cp311-cp311-linux_x86_64"], None).is_built_here() && !linux.is_built_here());
    }
}
