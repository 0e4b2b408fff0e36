//! Which image has what the dependency files ask for.

use environment::lock::NormalisedIntent;
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
    // What `freeze` has written since into the files is what it has read in the image.
    let solver = project.plan.solver;
    let intents = [&project.intent, &project.thawed_intent()].map(|it| NormalisedIntent::new(it, solver));
    let found = targets.iter().zip(images).filter_map(|(target, image)| {
        let labels = answers.labels(&image)?;
        let intents = intents.iter().map(|it| intent_for(*target, it.clone()));
        let fewest = intents.map(|it| changes(labels, &it)).min_by_key(Vec::len).unwrap_or_default();
        let changes = (!fewest.is_empty()).then(|| summary(&fewest));
        Some(NearestImage { image, changes })
    });
    // Of those that are equal, this is the first.
    found.min_by_key(|it| it.changes.is_some())
}

fn changes(labels: &Value, now: &NormalisedIntent) -> Vec<String> {
    if !ImageInputs::are_labelled(labels) {
        return Vec::new();
    }
    intent_in(labels).changes_to(now).iter().map(ToString::to_string).collect()
}
