//! Whether an image is this project's, and whether anybody needs it.

use std::collections::{HashMap, HashSet};

use docker::{StoredImage, labels};
use process::sort_by;

use crate::tags::{TagMeaning, VERIFY_TAG};

#[derive(Debug)]
pub(super) struct PruneRules<'a> {
    /// What this project's images are called, without a tag.
    pub(super) name: &'a str,
    /// The project's own name.
    pub(super) title: &'a str,
    /// The value of the label of its benchmarks, if what they have made is not needed any more.
    pub(super) bench: Option<&'a String>,
    /// How many older builds of each target stay.
    pub(super) keep: usize,
    /// The containers that stay, by the ids of their images.
    pub(super) users: &'a HashMap<&'a str, &'a str>,
}

/// Whether an image may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ImageNeed {
    /// It is somebody else's, the newest of a target, or one of those before it.
    Needed,
    /// It is an old one, but stays for this reason.
    Kept(String),
    /// Nobody; why, in words.
    None(&'static str),
}

/// What an image is to the project, before others are looked at.
enum Role<'a> {
    Needed,
    /// An older build of some targets, each by the tag of its newest image.
    Older {
        targets: Vec<String>,
        /// A name by which somebody else may know it.
        other_name: Option<&'a str>,
    },
    Unneeded(&'static str),
}

/// Decides on each image, in order.
pub(super) fn needs(images: &[StoredImage], rules: &PruneRules) -> Vec<ImageNeed> {
    let all: Vec<Role> = images.iter().map(|it| role(it, rules)).collect();
    let recent = recent(images, &all, rules.keep);
    let need = |(index, role): (usize, &Role)| {
        let why = match role {
            Role::Needed => return ImageNeed::Needed,
            Role::Older { .. } if recent.contains(&index) => return ImageNeed::Needed,
            Role::Older { other_name: Some(name), .. } => {
                return ImageNeed::Kept(format!("it is also called `{name}`"));
            }
            Role::Older { .. } => "an older build",
            Role::Unneeded(why) => why,
        };
        match rules.users.get(images[index].id.as_str()) {
            Some(container) => ImageNeed::Kept(format!("the container `{container}` was made from it")),
            None => ImageNeed::None(why),
        }
    };
    all.iter().enumerate().map(need).collect()
}

/// The indices of the newest among the older builds of each target.
fn recent(images: &[StoredImage], roles: &[Role], keep: usize) -> HashSet<usize> {
    let mut by_target: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, role) in roles.iter().enumerate() {
        if let Role::Older { targets, .. } = role {
            for target in targets {
                let older = by_target.entry(target).or_default();
                older.extend(Some(index).filter(|it| older.last() != Some(it)));
            }
        }
    }
    let newest = by_target.into_values().flat_map(|mut older| {
        sort_by(&mut older, |a, b| images[*b].time.cmp(&images[*a].time));
        older.into_iter().take(keep)
    });
    newest.collect()
}

fn role<'a>(image: &'a StoredImage, rules: &PruneRules) -> Role<'a> {
    // Our builds in a benchmark's copy of this repository have this project's labels, too.
    let bench = image.label(labels::BENCH);
    if !bench.is_empty() {
        let is_left = rules.bench.is_some_and(|it| it == bench);
        return if is_left { Role::Unneeded("left by a `bench` that was ended") } else { Role::Needed };
    }
    let (inputs, revision) = (image.label(labels::INPUTS), image.label(labels::REVISION));
    if image.names.is_empty() {
        let is_named = image.digests.iter().any(|it| it.strip_prefix(rules.name).is_some_and(|it| it.starts_with('@')));
        let is_ours = !inputs.is_empty() && (is_named || image.label(labels::TITLE) == rules.title);
        return if is_ours { Role::Unneeded("a build whose names a newer one has") } else { Role::Needed };
    }
    let (mut targets, mut other_name, mut is_left_by_verify) = (Vec::new(), None, false);
    for name in &image.names {
        let tag = name.strip_prefix(rules.name).and_then(|it| it.strip_prefix(':'));
        match tag.map(|it| TagMeaning::of(it, revision)) {
            Some(TagMeaning::Newest) => return Role::Needed,
            Some(TagMeaning::Build(newest)) if !inputs.is_empty() => targets.push(newest),
            _ if tag == Some(VERIFY_TAG) => is_left_by_verify = true,
            _ => other_name = Some(name.as_str()),
        }
    }
    match (&targets[..], other_name) {
        ([], None) if is_left_by_verify => Role::Unneeded("left by a `verify` that was ended"),
        ([], _) => Role::Needed,
        _ => Role::Older { targets, other_name },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HASHES: [&str; 4] = ["000000000000aa", "111111111111aa", "222222222222aa", "333333333333aa"];

    /// With this id, of this minute.
    fn image(id: &str, minute: usize, names: &[&str], labels: serde_json::Value) -> StoredImage {
        StoredImage {
            id: id.to_owned(),
            names: names.iter().map(|it| (*it).to_owned()).collect(),
            digests: Vec::new(),
            time: format!("2026-11-25T12:{minute:02}:00Z"),
            labels,
            layers: Vec::new(),
        }
    }

    /// The build of a target from the inputs of this number.
    fn build(target: &str, number: usize, more: &[&str]) -> StoredImage {
        let hash = HASHES[number];
        let name = format!("lab/x:{target}-{}", &hash[..12]);
        let names: Vec<&str> = [name.as_str()].into_iter().chain(more.iter().copied()).collect();
        image(&format!("{target}{number}"), number, &names, json!({"xtask.inputs": hash}))
    }

    fn decide(images: &[StoredImage], keep: usize, users: &[(&str, &str)]) -> Vec<ImageNeed> {
        let users = users.iter().copied().collect();
        needs(images, &PruneRules { name: "lab/x", title: "study", bench: None, keep, users: &users })
    }

    /// The ids of those that nobody needs.
    fn unneeded(images: &[StoredImage], keep: usize) -> Vec<&str> {
        let needs = decide(images, keep, &[]);
        let gone = images.iter().zip(needs).filter(|(_, it)| matches!(it, ImageNeed::None(_)));
        gone.map(|(image, _)| image.id.as_str()).collect()
    }

    #[test]
    fn the_newest_of_each_target_and_some_before_it_stay() {
        let images = [
            build("runtime", 1, &[]),
            build("runtime", 0, &[]),
            build("runtime", 3, &["lab/x:runtime"]),
            build("dev", 0, &[]),
            build("runtime", 2, &[]),
            build("dev", 3, &["lab/x:dev"]),
        ];
        assert_eq!(unneeded(&images, 1), ["runtime1", "runtime0"]);
        assert_eq!(unneeded(&images, 2), ["runtime0"]);
        assert_eq!(unneeded(&images, 0), ["runtime1", "runtime0", "dev0", "runtime2"]);
    }

    #[test]
    fn what_is_not_this_projects_stays_whatever_it_is_called() {
        let labels = || json!({"xtask.inputs": HASHES[0], "org.opencontainers.image.title": "other"});
        let images = [
            image("other", 0, &["lab/other:runtime-000000000000"], labels()),
            image("begins alike", 0, &["lab/x2:runtime-000000000000"], labels()),
            image("tag of a person", 0, &["lab/x:runtime-20241130"], labels()),
            image("not built by us", 0, &["lab/x:runtime-000000000000"], json!(null)),
            image("nameless of another", 0, &[], labels()),
            image("nameless of nobody", 0, &[], json!({"org.opencontainers.image.title": "study"})),
            image(
                "bench",
                0,
                &[],
                json!({"xtask.inputs": "0", "org.opencontainers.image.title": "study", "xtask.bench": "x"}),
            ),
        ];
        assert_eq!(unneeded(&images, 0), Vec::<&str>::new());
    }

    #[test]
    fn a_build_without_a_name_is_known_by_its_title_or_by_what_it_was_pulled_as() {
        let labels = || json!({"xtask.inputs": "0", "org.opencontainers.image.title": "study"});
        let pulled = StoredImage {
            digests: vec!["lab/x@sha256:5".to_owned()],
            ..image("pulled", 0, &[], json!({"xtask.inputs": "0"}))
        };
        assert_eq!(unneeded(&[image("built", 0, &[], labels()), pulled], 9), ["built", "pulled"]);
    }

    #[test]
    fn what_somebody_uses_stays_and_is_told() {
        let images = [build("runtime", 0, &[]), build("runtime", 1, &["paper/y:v1"]), build("runtime", 2, &[])];
        let kept = |why: &str| ImageNeed::Kept(why.to_owned());
        assert_eq!(
            decide(&images, 0, &[("runtime0", "job")]),
            [
                kept("the container `job` was made from it"),
                kept("it is also called `paper/y:v1`"),
                ImageNeed::None("an older build")
            ]
        );
    }

    #[test]
    fn what_ended_commands_have_left_goes() {
        let images = [
            image("verify", 0, &["lab/x:verify"], json!(null)),
            image("bench", 0, &["xtask-bench/x/base:0"], json!({"xtask.bench": "study"})),
        ];
        assert_eq!(unneeded(&images, 9), ["verify"]);
        let (bench, users) = ("study".to_owned(), HashMap::new());
        let rules = PruneRules { name: "lab/x", title: "study", bench: Some(&bench), keep: 9, users: &users };
        assert_eq!(needs(&images, &rules)[1], ImageNeed::None("left by a `bench` that was ended"));
    }
}
