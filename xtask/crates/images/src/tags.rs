//! The tags of images.

use super::Target;

/// How many hexadecimal digits of an inputs hash are in a tag.
const HASH_DIGITS: usize = 12;

/// Of one build of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tags {
    /// The target's own name, `runtime`: of the newest image.
    pub(crate) newest: String,
    /// With a hash, `runtime-1f0c…`: the same inputs have the same tag on every machine.
    pub(crate) inputs: String,
    /// With a commit, `runtime-603c026`; `None` where the inputs are not committed.
    pub(crate) commit: Option<String>,
}

impl Tags {
    /// From the hash of the inputs and the short hash of their commit. Where an image is for a `foreign` processor, each tag ends
    /// with that, so that it never replaces the image that runs here.
    pub(crate) fn new(target: Target, hash: &str, commit: Option<&str>, foreign: Option<&str>) -> Self {
        let end = foreign.map(|it| format!("-{it}")).unwrap_or_default();
        let name = target.name();
        Self {
            newest: format!("{name}{end}"),
            inputs: format!("{name}-{}{end}", &hash[..hash.len().min(HASH_DIGITS)]),
            commit: commit.map(|it| format!("{name}-{it}{end}")),
        }
    }

    /// Each tag, the target's own name first.
    pub(crate) fn each(&self) -> impl Iterator<Item = &str> {
        [Some(&self.newest), Some(&self.inputs), self.commit.as_ref()].into_iter().flatten().map(String::as_str)
    }

    /// Each tag with the image's name before it.
    pub(crate) fn images(&self, name: &str) -> Vec<String> {
        self.each().map(|it| format!("{name}:{it}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_build_is_known_by_its_target_its_inputs_and_its_commit() {
        let tags = Tags::new(Target::Dev, HASH, Some("603c026"), None);
        assert_eq!(
            tags.images("h:5000/lab/x"),
            ["dev", "dev-0123456789ab", "dev-603c026"].map(|it| format!("h:5000/lab/x:{it}"))
        );
    }

    #[test]
    fn an_image_for_another_processor_takes_no_name_from_one_that_runs_here() {
        let own = Tags::new(Target::Runtime, HASH, Some("603c026"), None);
        let foreign = Tags::new(Target::Runtime, HASH, Some("603c026"), Some("arm64"));
        assert!(foreign.each().all(|it| it.ends_with("-arm64") && own.each().all(|own| own != it)));
        assert_eq!(foreign.newest, "runtime-arm64");
    }
}
