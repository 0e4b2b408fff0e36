//! The tags of images.

use std::ops::RangeInclusive;

use super::Target;
use crate::target::PROCESSORS;

/// How many hexadecimal digits of an inputs hash are in a tag.
const HASH_DIGITS: usize = 12;

/// The fewest digits that git abbreviates a commit to. Source: git-config(1), `core.abbrev`.
const MIN_COMMIT_DIGITS: usize = 4;

/// How many it does unless somebody has chosen fewer.
const COMMIT_DIGITS: RangeInclusive<usize> = 7..=40;

/// The tag of the image that `verify` builds and removes.
pub const VERIFY_TAG: &str = "verify";

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

/// What a tag says of an image, as [`Tags`] gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagMeaning {
    /// It is the newest of a target, for this or another processor.
    Newest,
    /// It is one build of the target whose newest image has this tag.
    Build(String),
    /// Nothing that a build says.
    Other,
}

impl TagMeaning {
    /// Of a tag of an image that this tool has built and, where the inputs were committed, at this commit. A tag that may be
    /// somebody's own, such as a date, says nothing.
    pub(crate) fn of(tag: &str, commit: &str) -> Self {
        let words: Vec<&str> = tag.split('-').collect();
        let is_target = |it: &str| Target::ALL.iter().any(|target| target.name() == it);
        // An image whose inputs have changed and changed back may have the tags of other commits.
        let is_build = |it: &str| it.len() == HASH_DIGITS && is_hexadecimal(it) || is_commit(it, commit);
        match words[..] {
            [target] if is_target(target) => Self::Newest,
            [target, processor] if is_target(target) && PROCESSORS.contains(&processor) => Self::Newest,
            [target, build] if is_target(target) && is_build(build) => Self::Build(target.to_owned()),
            [target, build, processor] if is_target(target) && is_build(build) && PROCESSORS.contains(&processor) => {
                Self::Build(format!("{target}-{processor}"))
            }
            _ => Self::Other,
        }
    }
}

fn is_commit(word: &str, known: &str) -> bool {
    let is_known = word.len() >= MIN_COMMIT_DIGITS && known.starts_with(word);
    let has_letter = word.bytes().any(|it| it.is_ascii_lowercase());
    is_known || (COMMIT_DIGITS.contains(&word.len()) && is_hexadecimal(word) && has_letter)
}

fn is_hexadecimal(word: &str) -> bool {
    word.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
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
    #[test]
    fn what_a_tag_says_is_read_back() {
        let commit = "603c02600000";
        for foreign in [None, Some("arm64")] {
            let tags = Tags::new(Target::Dev, HASH, Some("603c026"), foreign);
            let meaning = |tag: &str| TagMeaning::of(tag, commit);
            assert_eq!(meaning(&tags.newest), TagMeaning::Newest);
            let builds = [&tags.inputs, tags.commit.as_ref().unwrap()];
            assert!(builds.iter().all(|it| meaning(it) == TagMeaning::Build(tags.newest.clone())), "{tags:?}");
        }
    }

    #[test]
    fn a_tag_that_somebody_has_chosen_says_nothing() {
        for tag in
            ["mine", "runtime-mine", "runtime-20241130", "runtime-603", "dev-0123456789ab-mine", "dev-", "verify"]
        {
            assert_eq!(TagMeaning::of(tag, "603c02600000"), TagMeaning::Other, "{tag}");
        }
        assert_eq!(TagMeaning::of("dev-603c", ""), TagMeaning::Other);
    }
}
