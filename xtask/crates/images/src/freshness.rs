//! Whether images are what is asked for, and if not, why: from one question to the daemon.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use docker::{BuildRequest, Container, ImageQuery, images_query, labels};
use environment::{Platform, lock::NormalisedIntent};
use inputs::{Inputs, Recipe, recipe};
use process::files::{self, FileTree};
use project::{Context, EngineChoice};

use crate::{ContextSources, ImageInputs, Target, build_context, foreign};

/// How an image stands to what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// There is none, or no daemon to ask.
    Missing,
    /// It does not tell what it was made of: another tool has made it, or an older one.
    Unknown,
    /// It was made of just that.
    UpToDate {
        /// When, as RFC 3339 has it.
        built: String,
        /// From which commit, where its inputs were committed.
        commit: Option<String>,
    },
    /// It was made of something else: how that differs, a line each.
    Stale(Vec<String>),
}

/// What images would be made of now.
pub struct Making {
    /// The build context.
    pub tree: FileTree,
    /// The Dockerfile's text.
    pub dockerfile: String,
}

impl Making {
    /// By a recipe.
    pub fn new(cx: &Context, inputs: &Inputs, recipe: &Recipe) -> Result<Self> {
        let sources = ContextSources::load(&cx.layout, &inputs.pyproject)?;
        let tree = build_context(&inputs.intent, &recipe.plan, &inputs.pyproject, &sources);
        Ok(Self { tree, dockerfile: files::read_text(&cx.layout.dockerfile())? })
    }

    /// What the image of a target would be made of.
    pub fn inputs(&self, inputs: &Inputs, target: Target) -> ImageInputs {
        let arguments = BuildRequest::values(&inputs.settings, inputs.plan.solver);
        let asked = NormalisedIntent::new(&inputs.intent, inputs.plan.solver);
        ImageInputs::new(target, &self.tree, &self.dockerfile, &arguments, asked)
    }
}

/// How the images of some targets stand to what is asked for. The native engine has none.
pub fn freshness(cx: &Context, inputs: &Inputs, targets: &[Target], recipe: &Recipe) -> Result<Vec<Freshness>> {
    if inputs.settings.engine == EngineChoice::Native {
        return Ok(targets.iter().map(|_| Freshness::Missing).collect());
    }
    let name = &inputs.settings.image;
    let images: Vec<_> = targets.iter().map(|it| (*it, it.image(name))).collect();
    of_images(cx, inputs, &images, recipe)
}

fn of_images(cx: &Context, inputs: &Inputs, images: &[(Target, String)], recipe: &Recipe) -> Result<Vec<Freshness>> {
    let names: Vec<String> = images.iter().map(|it| it.1.clone()).collect();
    let answers = ImageAnswers::get(cx, inputs, &names);
    let making = Making::new(cx, inputs, recipe)?;
    Ok(images.iter().map(|(target, image)| answers.judge(image, &making.inputs(inputs, *target))).collect())
}

/// What the daemon tells of images and the base image, from one question.
pub(super) struct ImageAnswers {
    known: BTreeMap<String, ImageAnswer>,
    base: String,
}

impl ImageAnswers {
    /// Asks for images by name.
    pub(super) fn get(cx: &Context, inputs: &Inputs, images: &[String]) -> Self {
        let base = inputs.settings.base_image.to_string();
        // A client that is not there is told from a missing image by whoever asks for the engine next. Where one of the
        // images is missing, the others are answered all the same.
        let answer = cx.runner.read(&images_query(images.iter().chain([&base]).map(String::as_str)));
        Self { known: answers(&answer.map(|it| it.stdout).unwrap_or_default()), base }
    }

    /// How one of the images stands to what it would be made of.
    pub(super) fn judge(&self, image: &str, inputs: &ImageInputs) -> Freshness {
        let told = self.known.get(image);
        told.map_or(Freshness::Missing, |told| judge(inputs, told, self.known.get(&self.base)))
    }
}

fn judge(inputs: &ImageInputs, told: &ImageAnswer, base: Option<&ImageAnswer>) -> Freshness {
    if !ImageInputs::are_told(&told.labels) {
        return Freshness::Unknown;
    }
    let mut reasons = if inputs.made(&told.labels) { Vec::new() } else { inputs.reasons(&told.labels) };
    let built_from = told.labels[labels::BASE].as_str();
    if built_from.zip(base).is_some_and(|(built_from, base)| built_from != base.id) {
        reasons.push("base image: another one by now".to_owned());
    }
    if !reasons.is_empty() {
        return Freshness::Stale(reasons);
    }
    Freshness::UpToDate {
        built: told.created.clone(),
        commit: told.labels[labels::REVISION].as_str().map(str::to_owned),
    }
}

/// What the daemon tells of an image.
struct ImageAnswer {
    id: String,
    created: String,
    labels: Value,
}

/// Answers by every name of each image.
fn answers(answer: &str) -> BTreeMap<String, ImageAnswer> {
    let mut known = BTreeMap::new();
    for line in answer.lines() {
        let Ok([names, id, created, labels]) = serde_json::from_str::<[Value; 4]>(line) else { continue };
        for name in names.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
            let told = ImageAnswer { id: text(&id), created: text(&created), labels: labels.clone() };
            // An image that is named without a tag has `latest`.
            known.insert(name.strip_suffix(":latest").unwrap_or(name).to_owned(), told);
        }
    }
    known
}

/// The id of the base image, where the daemon has it under its name.
pub fn base_id(cx: &Context, inputs: &Inputs) -> Option<String> {
    let name = inputs.settings.base_image.to_string();
    let reading = cx.runner.read(&ImageQuery { image: &name }.invocation()).ok().filter(|it| it.exit.success())?;
    Some(reading.stdout.trim().to_owned())
}

/// Warns in a line where the image of a target is not what is asked for, and says how it stands.
pub fn tell(cx: &Context, inputs: &Inputs, target: Target) -> Result<Freshness> {
    tell_for(cx, inputs, target, &Platform::of_containers())
}

/// As [`tell`], of the image for a platform.
pub fn tell_for(cx: &Context, inputs: &Inputs, target: Target, platform: &Platform) -> Result<Freshness> {
    let freshness = standing(cx, inputs, target, platform)?;
    warn(cx, inputs, target, platform, &freshness);
    Ok(freshness)
}

/// How the image of a target for a platform stands to what is asked for.
fn standing(cx: &Context, inputs: &Inputs, target: Target, platform: &Platform) -> Result<Freshness> {
    if inputs.settings.engine == EngineChoice::Native {
        return Ok(Freshness::Missing);
    }
    // Whoever only wants to use an image is not stopped by a lock that nobody can read.
    let recipe = recipe(cx, inputs, platform).unwrap_or_else(|_| Recipe::solved(inputs));
    let image = target.image_for(&inputs.settings.image, platform);
    Ok(of_images(cx, inputs, &[(target, image)], &recipe)?.remove(0))
}

/// What the image of a target would be made of here and now, for who only wants to use one: a lock that nobody can read stops
/// nobody.
pub fn wanted(cx: &Context, inputs: &Inputs, target: Target) -> Result<ImageInputs> {
    let recipe = recipe(cx, inputs, &Platform::of_containers()).unwrap_or_else(|_| Recipe::solved(inputs));
    Ok(Making::new(cx, inputs, &recipe)?.inputs(inputs, target))
}

/// Warns in a line where the dev container was made of something else than is wanted. Docker is asked nothing: what it was
/// made of is among what it has told of the container.
pub fn tell_of_container(cx: &Context, wanted: &ImageInputs, container: &Container) {
    let is_told = ImageInputs::are_told(&container.made_of);
    if is_told && !wanted.made(&container.made_of) {
        let reasons = summary(&wanted.reasons(&container.made_of));
        cx.ui.notice(format_args!(
            "warning: the dev container is older than what is asked for ({reasons}): cargo xtask up --build"
        ));
    }
}

/// Warns in a line where an image is not what is asked for.
fn warn(cx: &Context, inputs: &Inputs, target: Target, platform: &Platform, freshness: &Freshness) {
    let Freshness::Stale(reasons) = freshness else { return };
    let image = target.image_for(&inputs.settings.image, platform);
    let option = foreign(platform).map(|_| format!(" --platform {platform}")).unwrap_or_default();
    cx.ui.notice(format_args!(
        "warning: `{image}` is older than what is asked for ({}): cargo xtask build {}{option}",
        summary(reasons),
        target.name()
    ));
}

/// The first of some reasons, and how many more there are.
fn summary(reasons: &[String]) -> String {
    let first = reasons.first().map_or("", String::as_str);
    match reasons.len() {
        0 | 1 => first.to_owned(),
        count => format!("{first}, and {} more", count - 1),
    }
}
