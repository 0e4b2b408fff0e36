//! The status of every image of the project.

use std::iter::once;

use anyhow::Result;

use docker::tags_query;
use environment::Platform;
use inputs::{LockUse, Project};
use process::sort;

use crate::{BuildSources, Freshness, PlatformPlan, Target, foreign, foreign_of_tag, freshness::ImageAnswers};

/// An image, and how it compares with what would be built now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageStatus {
    pub target: Target,
    pub platform: Platform,
    /// Name and tag.
    pub image: String,
    pub freshness: Freshness,
}

/// The status of every image: those for this machine's platform first, then those for the others that have a lock or an
/// image. The daemon is asked twice, however many there are.
pub fn overview(project: &Project) -> Result<Vec<ImageStatus>> {
    let name = &project.settings.image;
    let is_foreign = |it: &Platform| it.is_linux() && foreign(it).is_some();
    let folders = inputs::locked_platforms(project.cx);
    let locked: Vec<Platform> = folders.iter().filter_map(|it| Platform::of_folder(it)).filter(is_foreign).collect();
    let tags = project.cx.runner.read(&tags_query(name)).map(|it| it.stdout).unwrap_or_default();
    let built = tags.lines().filter_map(foreign_of_tag);
    let mut others: Vec<Platform> = locked.iter().cloned().chain(built).collect();
    sort(&mut others);
    others.dedup();
    let platforms: Vec<Platform> = once(Platform::of_containers()).chain(others).collect();

    let images: Vec<String> =
        platforms.iter().flat_map(|platform| Target::ALL.map(|it| it.image_for(name, platform))).collect();
    let answers = ImageAnswers::get(project, &images);
    let sources = BuildSources::of(project)?;
    let mut statuses = Vec::new();
    for platform in platforms {
        let plan = PlatformPlan::new(project, &sources, &platform, LockUse::Prefer)?;
        for target in Target::ALL {
            let image = target.image_for(name, &platform);
            let freshness = answers.freshness(&image, plan.inputs(target));
            // An image for another platform is only missing where there is a lock for that platform.
            let is_optional = foreign(&platform).is_some() && !locked.contains(&platform);
            if freshness != Freshness::Missing || !is_optional {
                statuses.push(ImageStatus { target, platform: platform.clone(), image, freshness });
            }
        }
    }
    Ok(statuses)
}
