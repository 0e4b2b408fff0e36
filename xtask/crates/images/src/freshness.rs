//! Whether images are up to date, and if not, why.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use docker::{Container, ManifestQuery, images_query, labels};
use inputs::Project;
use project::Context;

use crate::{ImageIdentity, ImageInputs};

/// How an image compares with what would be built now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// It does not exist, or no daemon answers.
    Missing,
    /// Its labels do not say what it was built from: another tool has made it, or an older version of this one.
    Unlabelled,
    UpToDate {
        /// When it was built, in RFC 3339.
        built: String,
        /// The hash of the commit, where its inputs were committed.
        commit: Option<String>,
    },
    /// It was built from something else: each difference in a line.
    Stale(Vec<String>),
}

impl Freshness {
    /// Why it has to be built, a line each; none where it has not.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::UpToDate { .. } => Vec::new(),
            Self::Missing => vec!["there is no image of it".to_owned()],
            Self::Unlabelled => vec!["it has no labels that say what it was built from".to_owned()],
            Self::Stale(reasons) => reasons.clone(),
        }
    }
}

/// What the daemon says of images and of the base image, from one question.
pub(crate) struct ImageAnswers {
    by_name: HashMap<String, ImageAnswer>,
    /// The name of the base image.
    base: String,
}

impl ImageAnswers {
    /// Asks for images by name.
    pub(crate) fn get(project: &Project, images: &[String]) -> Self {
        let base = project.settings.base_image.to_string();
        // That Docker is missing is said by whoever asks for the engine next. Where one of the images is missing, the
        // others are answered all the same.
        let answer = project.cx.runner.read(&images_query(images.iter().chain([&base]).map(String::as_str)));
        Self { by_name: by_name(&answer.map(|it| it.stdout).unwrap_or_default()), base }
    }

    /// The id of the base image, where the daemon has it under the name in the settings.
    pub(crate) fn base_id(&self) -> Option<&str> {
        self.answer(&self.base).map(|it| it.id.as_str())
    }

    pub(crate) fn freshness(&self, image: &str, inputs: &ImageInputs) -> Freshness {
        let Some(answer) = self.answer(image) else { return Freshness::Missing };
        if !ImageInputs::are_labelled(&answer.labels) {
            return Freshness::Unlabelled;
        }
        let mut reasons = if inputs.match_labels(&answer.labels) { Vec::new() } else { inputs.reasons(&answer.labels) };
        let built_from = answer.labels[labels::BASE].as_str();
        if built_from.zip(self.base_id()).is_some_and(|(built_from, base)| built_from != base) {
            reasons.push("base image: changed".to_owned());
        }
        if !reasons.is_empty() {
            return Freshness::Stale(reasons);
        }
        let commit = answer.labels[labels::REVISION].as_str().map(str::to_owned);
        Freshness::UpToDate { built: answer.created.clone(), commit }
    }

    /// The labels of an image, where the daemon has it.
    pub(crate) fn labels(&self, image: &str) -> Option<&Value> {
        self.answer(image).map(|it| &it.labels)
    }

    pub(crate) fn identity(&self, image: &str) -> Option<ImageIdentity> {
        let ImageAnswer { id, created, labels } = self.answer(image)?;
        Some(ImageIdentity { id: id.clone(), created: created.clone(), labels: labels.clone() })
    }

    fn answer(&self, image: &str) -> Option<&ImageAnswer> {
        self.by_name.get(&plain_name(image))
    }
}

struct ImageAnswer {
    id: String,
    created: String,
    labels: Value,
}

/// A line of the answer to [`images_query`]: names with tags, names with digests, id, time, labels.
#[derive(Deserialize)]
struct ImageLine(Option<Vec<String>>, Option<Vec<String>>, Option<String>, Option<String>, Value);

/// Each image of an answer by each of its names.
fn by_name(answer: &str) -> HashMap<String, ImageAnswer> {
    let mut known = HashMap::new();
    for line in answer.lines() {
        let Ok(ImageLine(tagged, digested, id, created, labels)) = serde_json::from_str(line) else { continue };
        let (id, created) = (id.unwrap_or_default(), created.unwrap_or_default());
        for name in tagged.unwrap_or_default().iter().chain(&digested.unwrap_or_default()) {
            let name = plain_name(name);
            known.insert(name, ImageAnswer { id: id.clone(), created: created.clone(), labels: labels.clone() });
        }
    }
    known
}

/// The name that stands for all of an image's: one without a tag has the tag `latest`, and beside a digest a tag says nothing.
fn plain_name(image: &str) -> String {
    match image.split_once('@') {
        Some((image, digest)) => ManifestQuery { image }.with_digest(digest),
        None => image.strip_suffix(":latest").unwrap_or(image).to_owned(),
    }
}

/// Warns in a line where the dev container was created from an image that is out of date. Docker is not asked: the labels of
/// the container say what its image was built from.
pub fn warn_if_container_is_stale(cx: &Context, inputs: &ImageInputs, container: &Container) {
    if ImageInputs::are_labelled(&container.freshness_labels) && !inputs.match_labels(&container.freshness_labels) {
        let reasons = summary(&inputs.reasons(&container.freshness_labels));
        cx.ui.notice(format_args!("warning: the dev container is out of date ({reasons}): cargo xtask up --build"));
    }
}

/// The first reason, and how many more there are.
pub(crate) fn summary(reasons: &[String]) -> String {
    let first = reasons.first().map_or("", String::as_str);
    match reasons.len() {
        0 | 1 => first.to_owned(),
        count => format!("{first}, and {} more", count - 1),
    }
}
