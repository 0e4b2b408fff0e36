//! Everything that decides what is in an image, and one hash over it.

use process::IntoMap as _;
use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use hmac_sha256::Hash;
use serde_json::{Value, json};

use docker::labels;
use environment::{
    ContextFile, InstallPlan,
    lock::{IntentList, NormalisedIntent},
};
use process::files::{FileTree, NewFile};
use project::AptStage;

use super::Target;
use crate::context::ContextFolder;

/// Everything that decides what is in an image, part by part. It is the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInputs {
    /// A digest of each part of the build context, and the value of each argument, by the name that people know it by.
    parts: BTreeMap<String, String>,
    /// The SHA-256 over the parts, in hexadecimal.
    hash: String,
    /// The same once what is solved is locked, where that is known.
    locked_hash: Option<String>,
    /// The dependency files, line by line.
    intent: NormalisedIntent,
}

/// The scripts that only the dev image runs while it is built.
const DEV_SCRIPTS: [&str; 3] = ["dev-tools.sh", "apt-dev.sh", "apt-services.sh"];

/// The part that is the lists of all layers.
const PACKAGES: &str = "packages";

const ANOTHER_LOCK: &str = "dependencies/lock: another lock";

/// How many hexadecimal digits of a part's digest are kept: 80 bits, against accidents and not against anybody.
const PART_DIGITS: usize = 20;

impl ImageInputs {
    /// What only the dev image is built from does not count for the runtime. `unsolved` is what solvers are asked for, where no
    /// lock has the answer.
    pub fn new(
        target: Target,
        tree: &FileTree,
        dockerfile: &str,
        arguments: &[(&str, String)],
        unsolved: &[(&str, String)],
        intent: NormalisedIntent,
    ) -> Self {
        let mut parts = BTreeMap::from([("Dockerfile".to_owned(), part_digest([dockerfile.as_bytes()]))]);
        parts.extend(unsolved.iter().map(|(name, text)| ((*name).to_owned(), part_digest([text.as_bytes()]))));
        parts.extend(arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut groups: BTreeMap<&str, Vec<(&Utf8Path, &NewFile)>> = BTreeMap::new();
        for (path, file) in tree.iter().filter(|(path, _)| target == Target::Dev || !is_for_dev_alone(path)) {
            groups.entry(part_name(path)).or_default().push((path, file));
        }
        parts.extend(groups.into_iter().map(|(name, files)| (name.to_owned(), digest_of_files(&files))));
        let hash = digest(parts.iter().flat_map(|(name, digest)| [name.as_bytes(), digest.as_bytes()]));
        Self { parts, hash, locked_hash: None, intent: intent_for(target, intent) }
    }

    /// The same, with the inputs as they are once what is solved is locked.
    #[must_use]
    pub(crate) fn locked_as(self, locked: &Self) -> Self {
        Self { locked_hash: Some(locked.hash.clone()).filter(|it| *it != self.hash), ..self }
    }

    /// The hash that these inputs have once what is solved is locked, where that is another and known.
    pub(crate) fn locked_hash(&self) -> Option<&str> {
        self.locked_hash.as_deref()
    }

    /// The SHA-256 over the parts, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The labels from which [`ImageInputs::reasons`] says how an image differs.
    pub fn labels(&self) -> Vec<(&'static str, String)> {
        let mut labels = vec![
            (labels::INPUTS, self.hash.clone()),
            (labels::PARTS, json!(self.parts).to_string()),
            (labels::INTENT, json!(self.intent.lines()).to_string()),
        ];
        labels.extend(self.locked_hash.clone().map(|it| (labels::LOCKED_INPUTS, it)));
        labels
    }

    /// Whether labels say what an image was built from.
    pub fn are_labelled(labels: &Value) -> bool {
        [labels::INPUTS, labels::PARTS, labels::INTENT].iter().all(|it| labels[it].is_string())
    }

    /// Whether an image with these labels was built from exactly these inputs: also where what was solved for it has been
    /// locked since.
    pub fn match_labels(&self, labels: &Value) -> bool {
        [labels::INPUTS, labels::LOCKED_INPUTS].iter().any(|it| labels[it].as_str() == Some(self.hash()))
    }

    /// Why an image with these labels is out of date: each difference in a line, with the line of the dependency file where
    /// that is known.
    pub fn reasons(&self, labels: &Value) -> Vec<String> {
        let parts = json_in(labels, labels::PARTS);
        let changes = intent_in(labels).changes_to(&self.intent);
        let mut reasons: Vec<String> = changes.iter().map(ToString::to_string).collect();
        let is_intent_changed = !reasons.is_empty();
        let old: BTreeMap<&str, &str> = parts
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
            .into_map();
        let names: BTreeSet<&str> = old.keys().copied().chain(self.parts.keys().map(String::as_str)).collect();
        for name in names {
            let (was, is) = (old.get(name).copied(), self.parts.get(name).map(String::as_str));
            if was == is {
                continue;
            }
            let file = ContextFile::of_name(name);
            // The dependency files that it is made from have said why.
            let is_package_list = file.is_some() || name == PACKAGES || InstallPlan::UNSOLVED.contains(&name);
            if is_intent_changed && is_package_list {
                continue;
            }
            reasons.push(match (file, was, is) {
                (Some(ContextFile::Conda), ..) => ANOTHER_LOCK.to_owned(),
                (None, ..) if name == PACKAGES => ANOTHER_LOCK.to_owned(),
                (Some(_), ..) => format!("{name}: other versions"),
                (None, Some(was), Some(is)) if is_argument(name) => format!("{name} {was} -> {is}"),
                (None, ..) => format!("{name}: changed"),
            });
        }
        reasons.dedup();
        reasons
    }
}

/// The part of the dependency files that a target is built from.
pub(crate) fn intent_for(target: Target, intent: NormalisedIntent) -> NormalisedIntent {
    if target == Target::Dev { intent } else { intent.without_list(IntentList::Apt(AptStage::Dev)) }
}

/// The dependency files that an image with these labels was built from.
pub(crate) fn intent_in(labels: &Value) -> NormalisedIntent {
    let lines = json_in(labels, labels::INTENT);
    NormalisedIntent::parse(lines.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn json_in(labels: &Value, label: &str) -> Value {
    serde_json::from_str(labels[label].as_str().unwrap_or_default()).unwrap_or_default()
}

/// Arguments of a Dockerfile are written in capitals.
fn is_argument(name: &str) -> bool {
    name.chars().all(|it| it.is_ascii_uppercase() || it == '_')
}

/// Whether only the stages after the runtime's take a file from the context.
fn is_for_dev_alone(path: &Utf8Path) -> bool {
    path == ContextFile::Apt(AptStage::Dev).name()
        || ContextFolder::Scripts.path_of(path).is_some_and(|it| DEV_SCRIPTS.contains(&it.as_str()))
}

/// The files of a folder are one part of the inputs, every other file is one by itself.
fn part_name(path: &Utf8Path) -> &str {
    match ContextFolder::ALL.into_iter().find(|it| it.path_of(path).is_some()) {
        Some(ContextFolder::Scripts) => "scripts of the build",
        Some(ContextFolder::RunScripts) => "scripts of the containers",
        Some(ContextFolder::Conda) => "conda's installer",
        Some(ContextFolder::Layers) => PACKAGES,
        Some(ContextFolder::Question) => "what is solved",
        Some(ContextFolder::Project) => "metadata of the project",
        None => path.as_str(),
    }
}

fn part_digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    digest(parts)[..PART_DIGITS].to_owned()
}

fn digest_of_files(files: &[(&Utf8Path, &NewFile)]) -> String {
    let modes: Vec<[u8; 4]> = files.iter().map(|(_, file)| file.mode.to_be_bytes()).collect();
    let parts = files.iter().zip(&modes);
    part_digest(parts.flat_map(|((path, file), mode)| [path.as_str().as_bytes(), mode, &file.contents]))
}

/// SHA-256, in hexadecimal. Each part goes in with its length: two must not read as one.
fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Hash::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hexadecimal(hash.finalize())
}

/// The digits of a digest, in lower case.
pub(crate) fn hexadecimal(digest: [u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(target: Target, apt_dev: &str, base: &str) -> ImageInputs {
        let intent = NormalisedIntent::parse(
            ["pip numpy >=1.26", "apt-dev vim"].into_iter().chain((!apt_dev.is_empty()).then_some(apt_dev)),
        );
        let tree = FileTree::from([
            (ContextFile::Apt(AptStage::Dev).name().into(), NewFile::text(apt_dev)),
            ("layers/1/pylock.toml".into(), NewFile::text("numpy\n")),
            ("scripts/a.sh".into(), NewFile::text("a")),
        ]);
        ImageInputs::new(target, &tree, "FROM scratch\n", &[("BASE_IMAGE", base.to_owned())], &[], intent)
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
            ImageInputs::new(target, &tree, "FROM scratch\n", &[], &[], NormalisedIntent::parse([]))
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
