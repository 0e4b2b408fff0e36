//! Every image of the project, for this machine's platform and for others.

use std::collections::BTreeSet;
use std::iter::once;

use anyhow::Result;

use docker::tags_query;
use environment::Platform;
use inputs::{Inputs, recipe};
use project::Context;

use super::freshness::{ImageAnswers, Freshness, Making};
use crate::{Target, foreign, foreign_of_tag};

/// An image, and how it stands to what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageStatus {
    /// What it is of.
    pub target: Target,
    /// What it is for.
    pub platform: Platform,
    /// What it is called.
    pub image: String,
    /// How it stands.
    pub freshness: Freshness,
}

/// How all images stand: those for this machine's platform first, then those for the others that there is a lock or an
/// image for. The daemon is asked twice, however many there are.
pub fn overview(cx: &Context, inputs: &Inputs) -> Result<Vec<ImageStatus>> {
    let name = &inputs.settings.image;
    let is_foreign = |it: &Platform| it.is_linux() && foreign(it).is_some();
    let locked: BTreeSet<Platform> =
        inputs::locked_platforms(cx).iter().filter_map(|it| Platform::of_folder(it)).filter(is_foreign).collect();
    let tags = cx.runner.read(&tags_query(name)).map(|it| it.stdout).unwrap_or_default();
    let built: BTreeSet<Platform> = tags.lines().filter_map(foreign_of_tag).collect();
    let platforms: Vec<Platform> = once(Platform::of_containers()).chain(locked.union(&built).cloned()).collect();

    let images: Vec<String> =
        platforms.iter().flat_map(|platform| Target::ALL.map(|it| it.image_for(name, platform))).collect();
    let answers = ImageAnswers::get(cx, inputs, &images);
    let mut standings = Vec::new();
    for platform in platforms {
        let making = Making::new(cx, inputs, &recipe(cx, inputs, &platform)?)?;
        for target in Target::ALL {
            let image = target.image_for(name, &platform);
            let freshness = answers.judge(&image, &making.inputs(inputs, target));
            // Nobody has asked for it.
            let is_other = foreign(&platform).is_some() && !locked.contains(&platform);
            if freshness != Freshness::Missing || !is_other {
                standings.push(ImageStatus { target, platform: platform.clone(), image, freshness });
            }
        }
    }
    Ok(standings)
}
