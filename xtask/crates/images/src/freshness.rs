//! Whether images are up to date, and if not, why: from one question to the daemon.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;

use docker::{Container, ImageQuery, images_query, labels};
use environment::Platform;
use inputs::{LockUse, Project};
use project::{Context, EngineChoice};

use crate::{BuildSources, ImageInputs, PlatformPlan, Target, foreign};

/// How an image compares with what would be built now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// It does not exist, or no daemon answers.
    Missing,
    /// Its labels do not say what it was built from: another tool has made it, or an older one.
    Unlabelled,
    UpToDate {
        /// When it was built, in RFC 3339.
        built: String,
        /// From which commit, where its inputs were committed.
        commit: Option<String>,
    },
    /// It was built from something else: each difference in a line.
    Stale(Vec<String>),
}

/// How the images of some targets compare with a plan. The native engine has none.
pub(crate) fn of(project: &Project, plan: &PlatformPlan, targets: &[Target]) -> Vec<(Target, Freshness)> {
    if project.settings.engine == EngineChoice::Native {
        return targets.iter().map(|it| (*it, Freshness::Missing)).collect();
    }
    let image = |target: &Target| target.image_for(&project.settings.image, &plan.platform);
    let images: Vec<String> = targets.iter().map(image).collect();
    let answers = ImageAnswers::get(project, &images);
    let freshness = |(target, image): (&Target, &String)| (*target, answers.freshness(image, plan.inputs(*target)));
    targets.iter().zip(&images).map(freshness).collect()
}

/// What the daemon says of images and the base image, from one question.
pub(crate) struct ImageAnswers {
    known: BTreeMap<String, ImageAnswer>,
    base: String,
}

impl ImageAnswers {
    /// Asks for images by name.
    pub(crate) fn get(project: &Project, images: &[String]) -> Self {
        let base = project.settings.base_image.to_string();
        // That Docker is missing is said by whoever asks for the engine next. Where one of the images is missing, the
        // others are answered all the same.
        let answer = project.cx.runner.read(&images_query(images.iter().chain([&base]).map(String::as_str)));
        Self { known: by_name(&answer.map(|it| it.stdout).unwrap_or_default()), base }
    }

    /// How one of the images compares with what it would be made of.
    pub(crate) fn freshness(&self, image: &str, inputs: &ImageInputs) -> Freshness {
        let Some(answer) = self.known.get(image) else { return Freshness::Missing };
        if !ImageInputs::are_labelled(&answer.labels) {
            return Freshness::Unlabelled;
        }
        let mut reasons = if inputs.match_labels(&answer.labels) { Vec::new() } else { inputs.reasons(&answer.labels) };
        let built_from = answer.labels[labels::BASE].as_str();
        if built_from.zip(self.known.get(&self.base)).is_some_and(|(built_from, base)| built_from != base.id) {
            reasons.push("base image: another one by now".to_owned());
        }
        if !reasons.is_empty() {
            return Freshness::Stale(reasons);
        }
        let commit = answer.labels[labels::REVISION].as_str().map(str::to_owned);
        Freshness::UpToDate { built: answer.created.clone(), commit }
    }
}

/// What the daemon says of an image.
struct ImageAnswer {
    id: String,
    created: String,
    labels: Value,
}

/// A line of the answer to [`images_query`]: names, id, time, labels.
#[derive(Deserialize)]
struct ImageLine(Option<Vec<String>>, Option<String>, Option<String>, Value);

/// Each image of an answer by each of its names.
fn by_name(answer: &str) -> BTreeMap<String, ImageAnswer> {
    let mut known = BTreeMap::new();
    for line in answer.lines() {
        let Ok(ImageLine(names, id, created, labels)) = serde_json::from_str(line) else { continue };
        let (id, created) = (id.unwrap_or_default(), created.unwrap_or_default());
        for name in names.unwrap_or_default() {
            // An image that is named without a tag has `latest`.
            let name = name.strip_suffix(":latest").unwrap_or(&name).to_owned();
            known.insert(name, ImageAnswer { id: id.clone(), created: created.clone(), labels: labels.clone() });
        }
    }
    known
}

/// The id of the base image, where the daemon has it under its name.
pub(crate) fn base_id(project: &Project) -> Option<String> {
    let name = project.settings.base_image.to_string();
    let query = ImageQuery { image: &name }.invocation();
    let answer = project.cx.runner.read(&query).ok().filter(|it| it.exit.success())?;
    Some(answer.stdout.trim().to_owned())
}

/// Warns in a line where the image of a target for a platform is out of date, and returns how it compares.
pub fn warn_if_stale(project: &Project, target: Target, platform: &Platform) -> Result<Freshness> {
    if project.settings.engine == EngineChoice::Native {
        return Ok(Freshness::Missing);
    }
    let sources = BuildSources::read(project.cx, &project.pyproject)?;
    // Whoever only wants to use an image is not stopped by a lock that nobody can read.
    let plan = PlatformPlan::new(project, &sources, platform, LockUse::IfReadable)?;
    let freshness = of(project, &plan, &[target]).remove(0).1;
    if let Freshness::Stale(reasons) = &freshness {
        let image = target.image_for(&project.settings.image, platform);
        let option = foreign(platform).map(|_| format!(" --platform {platform}")).unwrap_or_default();
        let (reasons, name) = (summary(reasons), target.name());
        project
            .cx
            .ui
            .notice(format_args!("warning: `{image}` is out of date ({reasons}): cargo xtask build {name}{option}"));
    }
    Ok(freshness)
}

/// Warns in a line where the dev container was made from something else than would be built now. Docker is asked nothing:
/// the container's own labels say what it was made from.
pub fn warn_if_container_is_stale(cx: &Context, inputs: &ImageInputs, container: &Container) {
    if ImageInputs::are_labelled(&container.freshness_labels) && !inputs.match_labels(&container.freshness_labels) {
        let reasons = summary(&inputs.reasons(&container.freshness_labels));
        cx.ui.notice(format_args!("warning: the dev container is out of date ({reasons}): cargo xtask up --build"));
    }
}

/// The first of some reasons, and how many more there are.
fn summary(reasons: &[String]) -> String {
    let first = reasons.first().map_or("", String::as_str);
    match reasons.len() {
        0 | 1 => first.to_owned(),
        count => format!("{first}, and {} more", count - 1),
    }
}
