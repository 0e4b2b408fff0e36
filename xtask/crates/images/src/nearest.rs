//! Which image has what the dependency files ask for.

use environment::lock::{IntentChange, NormalisedIntent};
use inputs::Project;
use project::EngineChoice;
use serde_json::Value;

use crate::{
    ImageInputs, Target,
    freshness::{ImageAnswers, summary},
    image_inputs::{intent_for, intent_in},
};

/// An image of the project that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearestImage {
    pub image: String,
    /// What has changed in the dependency files since it was built, in a few words; `None` where nothing has, as far as its
    /// labels tell.
    pub changes: Option<String>,
}

/// The first image that is no older than the dependency files, or else the first that there is. `None` where there is none,
/// or no daemon.
pub fn nearest_image(project: &Project, targets: &[Target]) -> Option<NearestImage> {
    if project.settings.engine == EngineChoice::Native {
        return None;
    }
    let images: Vec<String> = targets.iter().map(|it| it.image(&project.settings.image)).collect();
    let answers = ImageAnswers::get(project, &images);
    let solver = project.plan.solver;
    let frozen = NormalisedIntent::new(&project.intent, solver);
    let thawed = NormalisedIntent::new(&project.thawed_intent(), solver);
    let found = targets.iter().zip(images).filter_map(|(target, image)| {
        let [frozen, thawed] = [&frozen, &thawed].map(|it| intent_for(*target, it.clone()));
        let changes = changes(answers.labels(&image)?, &frozen, &thawed);
        let changes = (!changes.is_empty()).then(|| summary(&changes));
        Some(NearestImage { image, changes })
    });
    // Of those that are equal, this is the first.
    found.min_by_key(|it| it.changes.is_some())
}

/// An entry is the same if it is as `freeze` has written it, or as it was before: an image is built from either.
fn changes(labels: &Value, frozen: &NormalisedIntent, thawed: &NormalisedIntent) -> Vec<String> {
    if !ImageInputs::are_labelled(labels) {
        return Vec::new();
    }
    let built = intent_in(labels);
    let thawed = built.changes_to(thawed);
    let is_changed = |it: &&IntentChange| thawed.iter().any(|other| (other.list, &other.name) == (it.list, &it.name));
    built.changes_to(frozen).iter().filter(is_changed).map(ToString::to_string).collect()
}
