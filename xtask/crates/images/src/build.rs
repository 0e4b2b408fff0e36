//! Images, built where they are missing.

use anyhow::{Context as _, Error, Result, ensure};
use camino::Utf8Path;

use docker::{CachePolicy, ImageQuery, MAX_SECRET_BYTES, Plugin, BuilderOptions, labels};
use environment::Platform;
use inputs::{Inputs, Recipe, explain, recipe};
use project::{Context, EngineChoice};

use super::{
    commit::Commit,
    freshness::base_id,
    session::{Building, Piece},
    summary::{ImageLocation, Summary},
};
use crate::{Tags, Target, check_dockerfile};

/// Whether an image is there to be used. Without a daemon, or for the native engine, none is.
pub fn exists(cx: &Context, inputs: &Inputs, image: &str) -> bool {
    if inputs.settings.engine == EngineChoice::Native {
        return false;
    }
    // A client that is not there is told from a missing image by whoever asks for the engine next.
    cx.runner.read(&ImageQuery { image }.invocation()).is_ok_and(|reading| reading.exit.success())
}

/// Builds the images of some targets.
pub fn build(cx: &Context, inputs: &Inputs, targets: &[Target]) -> Result<()> {
    build_from(cx, inputs, targets, &recipe(cx, inputs, &Platform::of_containers())?, CachePolicy::default())
}

/// Builds the images of some targets from a recipe.
pub fn build_from(cx: &Context, inputs: &Inputs, targets: &[Target], recipe: &Recipe, freedom: CachePolicy) -> Result<()> {
    let plan = &recipe.plan;
    check(cx, inputs)?;
    recipe.tell(cx);
    let build = Building::of(cx, inputs, recipe)?;
    let (base, commit) = (base_id(cx, inputs), Commit::read(cx));

    let _lock = if cx.runner.is_dry_run() { None } else { Some(cx.lock()?) };
    let mut pieces = Vec::new();
    for &target in targets {
        let image = target.image(&inputs.settings.image);
        cx.ui.notice(format_args!("building `{image}` with {}, because {}", plan.solver.name(), plan.reason));
        let made_of = build.making.inputs(inputs, target);
        let mut labels = made_of.labels();
        labels.extend(base.clone().map(|it| (labels::BASE, it)));
        labels.extend(commit.hash().map(|it| (labels::REVISION, it.to_owned())));
        let images = Tags::new(target, &made_of.hash(), commit.short(), None).images(&inputs.settings.image);
        pieces.push(Piece { stage: target.name(), images, labels, way: BuilderOptions::default() });
    }
    let session = build.start(&pieces, freedom)?;
    let mut summary = Summary::default();
    let made = targets.iter().map(|it| (it.name(), ImageLocation::Daemon(it.image(&inputs.settings.image))));
    summary.add(&build, session, &[Platform::of_containers()], made);
    summary.tell(cx);
    commit.tell(cx);
    Ok(())
}

/// Builds the stage that has the environment and nothing else, without what the cache has of it, as an image of this name.
/// The caller holds the repository's lock.
pub fn build_environment_again(cx: &Context, inputs: &Inputs, recipe: &Recipe, image: &str) -> Result<()> {
    check(cx, inputs)?;
    recipe.tell(cx);
    let maker = format!("environment-{}", recipe.plan.solver.name());
    let freedom = CachePolicy { again: Some(&maker), ..CachePolicy::default() };
    let images = vec![image.to_owned()];
    let piece = Piece { stage: "environment", images, labels: Vec::new(), way: BuilderOptions::default() };
    Building::of(cx, inputs, recipe)?.start(&[piece], freedom).map(drop)
}

/// Checks what every build reads and needs.
pub(super) fn check(cx: &Context, inputs: &Inputs) -> Result<()> {
    let doubts = check_dockerfile(cx, Some(&inputs.pyproject))?;
    if doubts.has_errors() {
        return Err(doubts.sorted().into());
    }
    cx.report(&doubts);
    Plugin::Buildx.require(&cx.runner).map_err(|why| Error::msg(explain(cx, &why)))?;
    inputs.network.ca_certificates.as_deref().map_or(Ok(()), require_small)
}

fn require_small(bundle: &Utf8Path) -> Result<()> {
    let bytes = bundle.metadata().with_context(|| format!("cannot read `{bundle}`"))?.len();
    ensure!(
        bytes <= MAX_SECRET_BYTES,
        "the certificate authorities in `{bundle}` are {bytes} bytes, but a build takes no more than {MAX_SECRET_BYTES}; \
         let CA_CERTIFICATES name a file with only those that your network adds"
    );
    Ok(())
}
