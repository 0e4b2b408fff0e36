//! Which images of this project nobody needs any more, and what goes with them.

mod need;
mod renamed;
mod sizes;

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, ensure};

use docker::{ImageUser, StoredImage};
use inputs::Project;
use process::{Invocation, sort};
use project::Context;

use crate::size::Bytes;
use need::{ImageNeed, PruneRules, needs};

/// What `prune` keeps and what it has found out before it looks at images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneOrder<'a> {
    /// How many older builds of each target stay.
    pub keep: usize,
    /// The ids of the containers that are removed first.
    pub removed_containers: &'a BTreeSet<String>,
    /// Whether images of this project's benchmarks are left by one that was ended.
    pub is_bench_over: bool,
}

/// An image to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnneededImage {
    /// Its names; its id where it has none.
    pub shown: String,
    pub why: &'static str,
    /// What goes with it: its layers that neither an image that stays nor one before it has.
    pub size: Bytes,
    pub removal: Invocation,
}

/// Asks the daemon for its images and containers. Also says in words which images stay that would go otherwise, and why.
pub fn unneeded_images(project: &Project, order: &PruneOrder) -> Result<(Vec<UnneededImage>, Vec<String>)> {
    let cx = project.cx;
    let images = StoredImage::parse(&details(cx, &StoredImage::ids_query(), |ids| StoredImage::query(ids))?);
    let users = ImageUser::parse(&details(cx, &ImageUser::ids_query(), |ids| ImageUser::query(ids))?);
    let users: HashMap<&str, &str> = users
        .iter()
        .filter(|it| !order.removed_containers.contains(&it.container))
        .map(|it| (it.image.as_str(), it.name.as_str()))
        .collect();
    let rules = PruneRules {
        name: &project.settings.image,
        title: &project.pyproject.name,
        bench: order.is_bench_over.then_some(&project.settings.compose_project),
        keep: order.keep,
        users: &users,
    };
    let needs = needs(&images, &rules);
    let notes = images.iter().zip(&needs).filter_map(|(image, need)| match need {
        ImageNeed::Kept(why) => Some(format!("the image `{}` stays: {why}", shown(image))),
        _ => None,
    });
    let renamed = renamed::other_names(&images, &rules);
    let notes = notes.chain(renamed.into_iter().map(|it| renamed::note(it, &rules))).collect();
    let (going, staying): (Vec<_>, Vec<_>) =
        images.iter().zip(&needs).partition(|(_, it)| matches!(it, ImageNeed::None(_)));
    let mut chains = sizes::Chains::new(staying.iter().map(|it| it.0));
    let unneeded = going.into_iter().filter_map(|(image, need)| {
        let ImageNeed::None(why) = need else { return None };
        let history = cx.runner.read(&image.history_query()).map(|it| it.stdout).unwrap_or_default();
        Some(UnneededImage {
            shown: shown(image),
            why,
            size: Bytes(chains.add(image, &image.layer_sizes(&history).unwrap_or_default())),
            removal: removal(image),
        })
    });
    Ok((unneeded.collect(), notes))
}

/// What the daemon tells of everything that a query lists. What is gone meanwhile is left out.
fn details(cx: &Context, list: &Invocation, query: impl Fn(Vec<&str>) -> Invocation) -> Result<String> {
    let listed = cx.runner.read(list)?;
    ensure!(listed.exit.success(), "Docker cannot list what it has: {}", listed.stderr.trim());
    let mut ids: Vec<&str> = listed.stdout.lines().collect();
    sort(&mut ids);
    ids.dedup();
    if ids.is_empty() { Ok(String::new()) } else { Ok(cx.runner.read(&query(ids))?.stdout) }
}

fn removal(image: &StoredImage) -> Invocation {
    match image.names[..] {
        [] => StoredImage::removal([image.id.as_str()]),
        _ => StoredImage::removal(image.names.iter().map(String::as_str)),
    }
}

/// The first name in full, others of the same place by their tags; the beginning of the id where there is none.
fn shown(image: &StoredImage) -> String {
    let Some((first, others)) = image.names.split_first() else {
        return image.id.trim_start_matches("sha256:").chars().take(12).collect();
    };
    let place = first.rfind(':').map_or(first.as_str(), |it| &first[..=it]);
    let others = others.iter().map(|it| it.strip_prefix(place).unwrap_or(it));
    [first.as_str()].into_iter().chain(others).collect::<Vec<_>>().join(", ")
}
