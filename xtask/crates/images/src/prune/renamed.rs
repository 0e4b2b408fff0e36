//! Images of a project of this name that are called otherwise: the settings that name images may have been changed by hand.

use std::collections::BTreeMap;

use docker::{StoredImage, labels};

use super::need::PruneRules;
use crate::tags::TagMeaning;

/// The other names, without tags, each with how many images have it. Who has built them, nothing tells: it may have been
/// another checkout, or another person.
pub(super) fn other_names<'a>(images: &'a [StoredImage], rules: &PruneRules) -> BTreeMap<&'a str, usize> {
    let mut found = BTreeMap::new();
    for image in images.iter().filter(|it| is_of_a_namesake(it, rules)) {
        let mut names: Vec<&str> = image.names.iter().filter_map(|it| name_of_build(it, image)).collect();
        names.dedup();
        for name in names {
            *found.entry(name).or_default() += 1;
        }
    }
    found
}

fn is_of_a_namesake(image: &StoredImage, rules: &PruneRules) -> bool {
    image.label(labels::BENCH).is_empty()
        && !image.label(labels::INPUTS).is_empty()
        && image.label(labels::TITLE) == rules.title
        && !image.names.iter().any(|it| it.rsplit_once(':').is_some_and(|(name, _)| name == rules.name))
}

/// What stands before a tag that a build gives.
fn name_of_build<'a>(name: &'a str, image: &StoredImage) -> Option<&'a str> {
    let (name, tag) = name.rsplit_once(':')?;
    (TagMeaning::of(tag, image.label(labels::REVISION)) != TagMeaning::Other).then_some(name)
}

/// What `prune` says of them.
pub(super) fn note((name, count): (&str, usize), rules: &PruneRules) -> String {
    let (images, are, them) = if count == 1 { ("image", "is", "it") } else { ("images", "are", "them") };
    format!(
        "{count} {images} of a project `{}` {are} called `{name}` and not `{}`: where this checkout had that name before, and \
         nobody else needs {them}, `docker image rm $(docker image ls --format '{{{{.Repository}}}}:{{{{.Tag}}}}' {name})` removes all that is called so",
        rules.title, rules.name
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;

    fn image(names: &[&str], title: &str, inputs: &str) -> StoredImage {
        StoredImage {
            id: "sha256:0".to_owned(),
            names: names.iter().map(|it| (*it).to_owned()).collect(),
            digests: Vec::new(),
            time: String::new(),
            labels: json!({"xtask.inputs": inputs, "org.opencontainers.image.title": title}),
            layers: Vec::new(),
        }
    }

    #[test]
    fn builds_under_another_name_are_counted_and_a_persons_own_tags_are_not() {
        let images = [
            image(&["lab/old:runtime", "lab/old:runtime-000000000000"], "study", "0"),
            image(&["lab/old:dev-000000000000"], "study", "0"),
            image(&["lab/x:runtime", "e.org:5000/lab/pushed:runtime"], "study", "0"),
            image(&["e.org:5000/lab/old:runtime"], "study", "0"),
            image(&["paper:v1"], "study", "0"),
            image(&["lab/other:runtime"], "other", "0"),
            image(&["lab/theirs:runtime"], "study", ""),
        ];
        let users = HashMap::new();
        let rules = PruneRules { name: "lab/x", title: "study", bench: None, keep: 1, users: &users };
        assert_eq!(other_names(&images, &rules), BTreeMap::from([("e.org:5000/lab/old", 1), ("lab/old", 2)]));
    }
}
