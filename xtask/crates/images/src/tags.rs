//! What the images of a target are called.

use super::Target;

/// How many hexadecimal digits of an inputs hash are in a tag.
const HASH_DIGITS: usize = 12;

/// The tags of one build of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tags {
    /// The target's own name, which the newest image has: `runtime`.
    pub(crate) newest: String,
    /// Of what it was made: `runtime-1f0c…`. The same inputs have the same tag on every machine.
    pub(crate) inputs: String,
    /// From which commit: `runtime-603c026`. `None` where the inputs are not those of a commit.
    pub(crate) commit: Option<String>,
}

impl Tags {
    /// Of a target, the hash of its inputs and the short name of their commit. An image for another processor than this
    /// machine's has that at the end of each, so that it never takes the place of the image that runs here.
    pub(crate) fn new(target: Target, hash: &str, commit: Option<&str>, foreign: Option<&str>) -> Self {
        let end = foreign.map(|it| format!("-{it}")).unwrap_or_default();
        let name = target.name();
        Self {
            newest: format!("{name}{end}"),
            inputs: format!("{name}-{}{end}", &hash[..hash.len().min(HASH_DIGITS)]),
            commit: commit.map(|it| format!("{name}-{it}{end}")),
        }
    }

    /// Each of them, the newest's first.
    pub(crate) fn each(&self) -> impl Iterator<Item = &str> {
        [Some(&self.newest), Some(&self.inputs), self.commit.as_ref()].into_iter().flatten().map(String::as_str)
    }

    /// Each of them behind an image's name.
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
