//! Everything that decides what is in an image, and one hash over it.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use hmac_sha256::Hash;
use serde_json::{Value, json};

use docker::labels;
use environment::lock::{IntentList, NormalisedIntent};
use process::files::{FileTree, NewFile};
use project::AptStage;

use super::Target;

/// What an image is made of, part by part. It is the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInputs {
    /// A digest of each part of the build context, and the value of each argument, by the name that people know it by.
    parts: BTreeMap<String, String>,
    /// What is asked for, line by line.
    asked: NormalisedIntent,
}

/// The parts of the context that are several files, by the folder that they are in.
const FOLDERS: [(&str, &str); 3] =
    [("scripts", "scripts of the build"), ("run", "scripts of the containers"), ("project", "metadata of the project")];

/// The lists that what is asked for becomes.
const LISTS: [&str; 7] = [
    "apt-build.txt",
    "apt-runtime.txt",
    "apt-dev.txt",
    "python.txt",
    "requirements.txt",
    "conda.yml",
    "difference.txt",
];

/// What only the stages behind the runtime's take from the context.
const DEV_ONLY: [&str; 2] = [AptStage::Dev.file_name(), "scripts/dev-tools.sh"];

/// How many hexadecimal digits of a part's digest are kept: 80 bits, against accidents and not against anybody.
const SHORT: usize = 20;

impl ImageInputs {
    /// Of the build context, the Dockerfile, its arguments and what is asked for. What only the dev image is made of does
    /// not count for the runtime.
    pub fn new(
        target: Target,
        tree: &FileTree,
        dockerfile: &str,
        arguments: &[(&str, String)],
        asked: NormalisedIntent,
    ) -> Self {
        let mut parts =
            BTreeMap::from([("Dockerfile".to_owned(), digest([dockerfile.as_bytes()])[..SHORT].to_owned())]);
        parts.extend(arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let is_used = |path: &Utf8Path| target == Target::Dev || !DEV_ONLY.contains(&path.as_str());
        let mut groups: BTreeMap<&str, Vec<(&Utf8Path, &NewFile)>> = BTreeMap::new();
        for (path, file) in tree.iter().filter(|(path, _)| is_used(path)) {
            groups.entry(part_of(path)).or_default().push((path, file));
        }
        parts.extend(groups.into_iter().map(|(name, files)| (name.to_owned(), digest_of(&files)[..SHORT].to_owned())));
        let asked = if target == Target::Dev { asked } else { asked.without_list(IntentList::Apt(AptStage::Dev)) };
        Self { parts, asked }
    }

    /// The SHA-256 over the parts, in hexadecimal.
    pub fn hash(&self) -> String {
        digest(self.parts.iter().flat_map(|(name, digest)| [name.as_bytes(), digest.as_bytes()]))
    }

    /// What the image is told of itself, so that [`ImageInputs::reasons`] needs nothing else.
    pub fn labels(&self) -> Vec<(&'static str, String)> {
        vec![
            (labels::INPUTS, self.hash()),
            (labels::PARTS, json!(self.parts).to_string()),
            (labels::INTENT, json!(self.asked.lines()).to_string()),
        ]
    }

    /// Whether labels say what an image was made of.
    pub fn are_labelled(labels: &Value) -> bool {
        labels::FRESHNESS.iter().all(|it| labels[it].is_string())
    }

    /// Whether an image with these labels was made of just this.
    pub fn match_labels(&self, labels: &Value) -> bool {
        labels[labels::INPUTS].as_str() == Some(&self.hash())
    }

    /// Why an image with these labels is not what is asked for now: each difference in a line, to the line of the file
    /// where that can be said.
    pub fn reasons(&self, labels: &Value) -> Vec<String> {
        let read =
            |label: &str| serde_json::from_str::<Value>(labels[label].as_str().unwrap_or_default()).unwrap_or_default();
        let (parts, asked) = (read(labels::PARTS), read(labels::INTENT));
        let asked = NormalisedIntent::parse(asked.as_array().into_iter().flatten().filter_map(Value::as_str));
        let mut reasons: Vec<String> = asked.changes_to(&self.asked).iter().map(ToString::to_string).collect();
        let has_other_lists = !reasons.is_empty();
        let old: BTreeMap<&str, &str> = parts
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
            .collect();
        let names: BTreeSet<&str> = old.keys().copied().chain(self.parts.keys().map(String::as_str)).collect();
        for name in names {
            let (was, is) = (old.get(name).copied(), self.parts.get(name).map(String::as_str));
            if was == is || (has_other_lists && (LISTS.contains(&name) || name == "preferences.txt")) {
                continue;
            }
            reasons.push(match (name, was, is) {
                ("pylock.toml" | "conda.lock", ..) => "dependencies/lock: another lock".to_owned(),
                (name, _, _) if LISTS.contains(&name) || name == "preferences.txt" => format!("{name}: other versions"),
                (name, Some(was), Some(is)) if is_argument(name) => format!("{name} {was} -> {is}"),
                (name, ..) => format!("{name}: changed"),
            });
        }
        reasons.dedup();
        reasons
    }
}

/// Arguments of a Dockerfile are written in capitals.
fn is_argument(name: &str) -> bool {
    name.chars().all(|it| it.is_ascii_uppercase() || it == '_')
}

fn part_of(path: &Utf8Path) -> &str {
    let folder = path.components().next().map_or("", |it| it.as_str());
    let known = FOLDERS.iter().find(|(name, _)| *name == folder && path.as_str() != folder);
    known.map_or(path.as_str(), |(_, words)| words)
}

fn digest_of(files: &[(&Utf8Path, &NewFile)]) -> String {
    let modes: Vec<[u8; 4]> = files.iter().map(|(_, file)| file.mode.to_be_bytes()).collect();
    let parts = files.iter().zip(&modes);
    digest(parts.flat_map(|((path, file), mode)| [path.as_str().as_bytes(), mode, &file.contents]))
}

/// Each part goes in with its length: two must not read as one.
fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Hash::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(target: Target, apt_dev: &str, base: &str) -> ImageInputs {
        let asked = NormalisedIntent::parse(
            ["pip numpy >=1.26", "apt-dev vim"].into_iter().chain((!apt_dev.is_empty()).then_some(apt_dev)),
        );
        let tree = FileTree::from([
            ("apt-dev.txt".into(), NewFile::text(apt_dev)),
            ("requirements.txt".into(), NewFile::text("numpy\n")),
            ("scripts/a.sh".into(), NewFile::text("a")),
        ]);
        ImageInputs::new(target, &tree, "FROM scratch\n", &[("BASE_IMAGE", base.to_owned())], asked)
    }

    fn labels(inputs: &ImageInputs) -> Value {
        inputs.labels().into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    }

    #[test]
    fn a_tool_for_people_does_not_make_the_runtime_older() {
        let (with, without) = (inputs(Target::Runtime, "apt-dev git", "a"), inputs(Target::Runtime, "", "a"));
        assert!(with.match_labels(&labels(&without)));
        assert!(!inputs(Target::Dev, "apt-dev git", "a").match_labels(&labels(&inputs(Target::Dev, "", "a"))));
    }

    #[test]
    fn a_script_for_people_does_not_make_the_runtime_older() {
        let of = |target: Target, path: &str, script: &str| {
            let tree = FileTree::from([(path.into(), NewFile::script(script))]);
            ImageInputs::new(target, &tree, "FROM scratch\n", &[], NormalisedIntent::parse([]))
        };
        for (target, path, is_made_of_it) in [
            (Target::Runtime, "scripts/dev-tools.sh", false),
            (Target::Dev, "scripts/dev-tools.sh", true),
            (Target::Runtime, "scripts/any-user.sh", true),
        ] {
            let was = labels(&of(target, path, "true"));
            assert_eq!(of(target, path, "false").match_labels(&was), !is_made_of_it, "{path}");
        }
    }

    #[test]
    fn each_difference_is_told() {
        let old = labels(&inputs(Target::Dev, "", "debian:12"));
        let reasons = inputs(Target::Dev, "apt-dev git", "debian:13").reasons(&old);
        assert_eq!(reasons, ["apt-dev.txt + git", "BASE_IMAGE debian:12 -> debian:13"]);
        assert!(ImageInputs::are_labelled(&old) && !ImageInputs::are_labelled(&json!({"other": "label"})));
    }
}
