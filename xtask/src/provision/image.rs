//! Images, built where they are missing.

use anyhow::{Context as _, Error, Result, ensure};
use camino::Utf8Path;

use super::commit::Commit;
use super::freshness::{BASE, Making, REVISION, base_id};
use super::recipe::{Recipe, recipe};
use super::{dev_files, explain};
use crate::context::Context;
use crate::docker::{BuildRequest, Freedom, ImageQuery, MAX_SECRET_BYTES, Plugin, Way};
use crate::environment::{Platform, Solver};
use crate::fs;
use crate::image::{Tags, Target};
use crate::inputs::{Inputs, check_dockerfile};
use crate::project::EngineChoice;

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
    build_from(cx, inputs, targets, &recipe(cx, inputs, &Platform::of_containers())?, Freedom::default())
}

/// Builds the images of some targets from a recipe.
pub fn build_from(cx: &Context, inputs: &Inputs, targets: &[Target], recipe: &Recipe, freedom: Freedom) -> Result<()> {
    let plan = &recipe.plan;
    check(cx, inputs)?;
    recipe.tell(cx);
    let build = Building::of(cx, inputs, recipe)?;
    let (base, commit) = (base_id(cx, inputs), Commit::read(cx));

    // Containers mount them, those of `docker compose` by hand too.
    dev_files::make(cx, &inputs.settings)?;
    let _lock = if cx.runner.is_dry_run() { None } else { Some(cx.lock()?) };
    build.write_context()?;
    for &target in targets {
        let image = target.image(&inputs.settings.image);
        cx.ui.notice(format_args!("building `{image}` with {}, because {}", plan.solver.name(), plan.reason));
        let made_of = build.making.inputs(inputs, target);
        let mut labels = made_of.labels();
        labels.extend(base.clone().map(|it| (BASE, it)));
        labels.extend(commit.hash().map(|it| (REVISION, it.to_owned())));
        let tags = Tags::new(target, &made_of.hash(), commit.short(), None);
        build.start(target.name(), &tags.images(&inputs.settings.image), &labels, freedom, &Way::default())?;
    }
    commit.tell(cx);
    Ok(())
}

/// Builds the stage that has the environment and nothing else, without what the cache has of it, as an image of this name.
/// The caller holds the repository's lock.
pub fn build_environment_again(cx: &Context, inputs: &Inputs, recipe: &Recipe, image: &str) -> Result<()> {
    check(cx, inputs)?;
    recipe.tell(cx);
    let build = Building::of(cx, inputs, recipe)?;
    build.write_context()?;
    let maker = format!("environment-{}", recipe.plan.solver.name());
    let freedom = Freedom { again: Some(&maker), ..Freedom::default() };
    build.start("environment", &[image.to_owned()], &[], freedom, &Way::default())
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

/// What a build reads.
pub(super) struct Building<'a> {
    cx: &'a Context,
    inputs: &'a Inputs,
    solver: Solver,
    /// What it is made of.
    pub(super) making: Making,
}

impl<'a> Building<'a> {
    /// By a recipe.
    pub(super) fn of(cx: &'a Context, inputs: &'a Inputs, recipe: &Recipe) -> Result<Self> {
        Ok(Self { cx, inputs, solver: recipe.plan.solver, making: Making::new(cx, inputs, recipe)? })
    }

    /// Puts it where the builder reads it.
    pub(super) fn write_context(&self) -> Result<()> {
        let is_dry_run = self.cx.runner.is_dry_run();
        if is_dry_run { Ok(()) } else { fs::write_tree(&self.cx.layout.context(), &self.making.tree) }
    }

    /// Builds a stage as an image of these names.
    pub(super) fn start(
        &self,
        stage: &str,
        images: &[String],
        labels: &[(&'static str, String)],
        freedom: Freedom,
        way: &Way,
    ) -> Result<()> {
        let settings = &self.inputs.settings;
        let request = BuildRequest {
            stage,
            images,
            settings,
            solver: self.solver,
            network: &self.inputs.network,
            dockerfile: &self.cx.layout.dockerfile(),
            context: &self.cx.layout.context(),
            labels,
            freedom,
            way,
        };
        self.cx.runner.succeed(&request.invocation()).with_context(|| {
            let hint = base_image_hint(self.cx, &settings.base_image.to_string());
            format!("`{}` was not built{hint}", images.first().map_or(stage, String::as_str))
        })
    }
}

/// Without a registry that answers, the builder fails at the base image, with the registry's words.
fn base_image_hint(cx: &Context, base: &str) -> String {
    match cx.runner.read(&ImageQuery { image: base }.invocation()) {
        Ok(reading) if !reading.exit.success() => {
            format!(
                " (if `{base}` could not be pulled: `cargo xtask base --set` makes one of Debian's packages, or set \
                 BASE_IMAGE to an image that this machine has or can pull)"
            )
        }
        _ => String::new(),
    }
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
