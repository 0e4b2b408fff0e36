//! Whether the lock reproduces what is installed.

use anyhow::{Context as _, Result, bail, ensure};
use camino::Utf8PathBuf;

use docker::ImageQuery;
use environment::{OwnDistributions, Platform, Reproduction, lock::Lock, snapshot::Snapshot};
use images::{BuildOrder, BuildPlan, ReproducedLayers, Target, VERIFY_TAG};
use inputs::{Engine, LockUse, Project, Recipe, recipe};
use process::Outcome;
use project::Context;

use super::snapshot;

/// Rebuilds the environment from the lock, beside the one that is there, and compares the packages and files of both. The
/// rebuilt one is removed in any case.
pub fn verify(project: &Project) -> Result<Outcome> {
    let comparisons = match Engine::choose(project.cx, &project.settings)? {
        Engine::Docker | Engine::Podman => verify_images(project),
        Engine::Native => verify_prefix(project),
    }?;
    Ok(show(project.cx, &comparisons))
}

/// An environment of which a snapshot can be read.
enum ComparedEnvironment {
    Image(String),
    Prefix(Utf8PathBuf),
}

impl ComparedEnvironment {
    fn name(&self, cx: &Context) -> String {
        match self {
            Self::Image(image) => image.clone(),
            Self::Prefix(prefix) => cx.layout.relative(prefix).into_string(),
        }
    }

    fn read(&self, cx: &Context) -> Result<Snapshot> {
        match self {
            Self::Image(image) => snapshot::read_image(cx, image),
            Self::Prefix(prefix) => snapshot::read_prefix(cx, prefix),
        }
    }
}

/// An environment's name, and how the rebuilt one differs from it.
type NamedReproduction = (String, Reproduction);

/// Compares each image of the project, because one may be older than the other.
fn verify_images(project: &Project) -> Result<Vec<NamedReproduction>> {
    let order = BuildOrder { lock_use: LockUse::Require, ..BuildOrder::ordinary(&Target::ALL) };
    let plan = BuildPlan::new(project, order)?;
    let name = &project.settings.image;
    let images: Vec<ComparedEnvironment> = Target::ALL
        .map(|it| it.image(name))
        .into_iter()
        .filter(|it| images::exists(project, it))
        .map(ComparedEnvironment::Image)
        .collect();
    if images.is_empty() {
        bail!("no image to compare with: `cargo xtask build --locked` builds one");
    }
    // Always the same name, so that an image that a killed run has left is found. Replaced, it would be left without a name.
    let rebuilt = format!("{name}:{VERIFY_TAG}");
    let removal = ImageQuery { image: &rebuilt }.removal();
    let _lock = project.cx.lock()?;
    if images::exists(project, &rebuilt) {
        project.cx.runner.clean_up(&removal)?;
    }
    announce(project, &plan.first.recipe, &plan.first.platform);
    let comparisons = plan
        .build_environment_again(&rebuilt)
        .and_then(|()| compare(project, &images, &ComparedEnvironment::Image(rebuilt.clone())))
        .and_then(|comparisons| {
            show_layers(project, &comparisons, &rebuilt, plan.environment_layers())?;
            Ok(comparisons)
        });
    let removed = project.cx.runner.clean_up(&removal);
    let comparisons = comparisons?;
    let removed = removed.with_context(|| format!("`{rebuilt}` was not removed"))?;
    ensure!(removed.exit.success(), "`{rebuilt}` was not removed: {}", removed.stderr.trim());
    Ok(comparisons)
}

fn verify_prefix(project: &Project) -> Result<Vec<NamedReproduction>> {
    let cx = project.cx;
    let platform = Platform::of_host();
    let recipe = recipe(project, &platform, LockUse::Require)?;
    let prefix = cx.layout.prefix();
    prefixes::require_not_incomplete(cx)?;
    if !prefix.join("bin/python").exists() {
        let name = cx.layout.relative(&prefix);
        bail!("no environment in `{name}` to compare with: `cargo xtask build --locked` builds one");
    }
    let _lock = cx.lock()?;
    announce(project, &recipe, &platform);
    let rebuilt = cx.layout.rebuilt_prefix();
    cx.files.remove_dir(&rebuilt)?;
    let comparisons = prefixes::build_at(project, &recipe, &rebuilt).and_then(|()| {
        compare(project, &[ComparedEnvironment::Prefix(prefix)], &ComparedEnvironment::Prefix(rebuilt.clone()))
    });
    let removed = cx.files.remove_dir(&rebuilt);
    let comparisons = comparisons?;
    removed?;
    Ok(comparisons)
}

fn announce(project: &Project, recipe: &Recipe, platform: &Platform) {
    let variant = inputs::lock_variant(project, platform);
    let (solver, folder) = (recipe.plan.solver.name(), Lock::folder_of(platform, variant.as_ref()));
    project.cx.ui.notice(format_args!("building the environment again with {solver} from `{folder}`"));
}

/// Compares nothing in a dry run, which has not rebuilt anything.
fn compare(
    project: &Project,
    installed: &[ComparedEnvironment],
    rebuilt: &ComparedEnvironment,
) -> Result<Vec<NamedReproduction>> {
    let cx = project.cx;
    if cx.is_dry_run() {
        return Ok(Vec::new());
    }
    let rebuilt = rebuilt.read(cx)?;
    let own = OwnDistributions::new(&project.pyproject.name, &project.intent.environment);
    let compare = |it: &ComparedEnvironment| Ok((it.name(cx), Reproduction::new(&it.read(cx)?, &rebuilt, &own)));
    installed.iter().map(compare).collect()
}

/// Shows how many layers would be neither pushed nor pulled again if another machine had made them. Images that an older tool has
/// built may have others, with the same packages.
fn show_layers(project: &Project, images: &[NamedReproduction], rebuilt: &str, all: usize) -> Result<()> {
    for (name, _) in images {
        let layers = ReproducedLayers::of(project, name, rebuilt, all)?;
        project.cx.ui.notice(format_args!("`{name}`: {layers}"));
    }
    Ok(())
}

/// Shows every difference, and for each environment how many there are.
fn show(cx: &Context, comparisons: &[NamedReproduction]) -> Outcome {
    for (name, reproduction) in comparisons {
        for difference in &reproduction.differences {
            cx.ui.notice(format_args!("`{name}`: {difference}"));
        }
        cx.ui.notice(format_args!("`{name}`: {reproduction}"));
    }
    if comparisons.iter().all(|(_, it)| it.differences.is_empty()) { Outcome::Done } else { Outcome::Failed }
}
