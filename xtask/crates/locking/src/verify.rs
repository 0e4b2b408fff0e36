//! Whether the lock makes again what is installed.

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use docker::ImageQuery;
use environment::{Platform, Reproduction, lock::Lock};
use images::{BuildOrder, BuildPlan, Target};
use inputs::{Engine, LockUse, Project, Recipe, recipe};
use process::Outcome;
use project::Context;

use super::snapshot;

/// Builds the environment again from the lock, beside the one that is there, and compares what is installed in both and with
/// which files. What was built is removed, whatever happens.
pub fn verify(project: &Project) -> Result<Outcome> {
    match Engine::choose(project.cx, &project.settings)? {
        Engine::Docker => verify_images(project),
        Engine::Native => verify_prefix(project),
    }
}

/// Each image of the project, for one may be older than the other.
fn verify_images(project: &Project) -> Result<Outcome> {
    let order = BuildOrder { lock_use: LockUse::Require, ..BuildOrder::ordinary(&Target::ALL) };
    let plan = BuildPlan::new(project, order)?;
    let name = &project.settings.image;
    let images: Vec<String> =
        Target::ALL.map(|it| it.image(name)).into_iter().filter(|it| images::exists(project, it)).collect();
    if images.is_empty() {
        bail!("there is no image to compare with: `cargo xtask build --locked` makes one");
    }
    let again = format!("{name}:verify");
    // The name of what is built is the same every time, so that what a killed run has left does not stay.
    let _lock = project.cx.lock()?;
    announce(project.cx, &plan.first.recipe, &plan.first.platform);
    let compared = plan.build_environment_again(&again).and_then(|()| {
        if project.cx.is_dry_run() {
            return Ok(Vec::new());
        }
        let rebuilt = snapshot::of_image(project.cx, &again)?;
        let compare = |image: String| {
            let installed = snapshot::of_image(project.cx, &image)?;
            Ok((image, Reproduction::new(&installed, &rebuilt, &project.pyproject.name)))
        };
        images.into_iter().map(compare).collect::<Result<_>>()
    });
    // A build that has failed has left no image.
    let is_there = project.cx.is_dry_run() || images::exists(project, &again);
    let removal = ImageQuery { image: &again }.removal();
    let removed = if is_there { project.cx.runner.succeed(&removal) } else { Ok(()) };
    let compared = compared?;
    removed.with_context(|| format!("`{again}` was not removed"))?;
    Ok(tell(project.cx, &compared))
}

fn verify_prefix(project: &Project) -> Result<Outcome> {
    let platform = Platform::of_host();
    let recipe = recipe(project, &platform, LockUse::Require)?;
    let installed = project.cx.layout.prefix();
    let name = project.cx.layout.relative(&installed);
    if !installed.join("bin/python").exists() {
        bail!("there is no environment in `{name}` to compare with: `cargo xtask build --locked` makes one");
    }
    let _lock = project.cx.lock()?;
    announce(project.cx, &recipe, &platform);
    let again = project.cx.layout.work().join("verify");
    let remove = |again: &Utf8Path| project.cx.files.remove_dir(again);
    remove(&again)?;
    let compared = prefixes::build_again(project, &recipe, &again).and_then(|()| {
        if project.cx.is_dry_run() {
            return Ok(Vec::new());
        }
        let rebuilt = snapshot::of_prefix(project.cx, &again)?;
        let comparison =
            Reproduction::new(&snapshot::of_prefix(project.cx, &installed)?, &rebuilt, &project.pyproject.name);
        Ok(vec![(name.into_string(), comparison)])
    });
    let removed = remove(&again);
    let compared = compared?;
    removed?;
    Ok(tell(project.cx, &compared))
}

fn announce(cx: &Context, recipe: &Recipe, platform: &Platform) {
    let (solver, folder) = (recipe.plan.solver.name(), Lock::folder(platform));
    cx.ui.notice(format_args!("building the environment again with {solver} from `{folder}`"));
}

/// Tells every difference, and the figure for each environment that was compared.
fn tell(cx: &Context, compared: &[(String, Reproduction)]) -> Outcome {
    for (name, comparison) in compared {
        for difference in &comparison.differences {
            cx.ui.notice(format_args!("`{name}`: {difference}"));
        }
        cx.ui.notice(format_args!("`{name}`: {comparison}"));
    }
    if compared.iter().all(|(_, it)| it.differences.is_empty()) { Outcome::Done } else { Outcome::Failed }
}
