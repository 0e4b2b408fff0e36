//! Images, built where they are missing.

use anyhow::{Context as _, Error, Result, ensure};
use camino::Utf8Path;

use super::recipe::{Recipe, recipe};
use super::{dev_files, explain};
use crate::context::Context;
use crate::docker::{BuildRequest, ImageQuery, MAX_SECRET_BYTES, Plugin};
use crate::environment::Platform;
use crate::fs::{self, Tree};
use crate::image::{ContextSources, InputsHash, Target, build_context};
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
    build_from(cx, inputs, targets, &recipe(cx, inputs, &Platform::of_containers())?)
}

/// Builds the images of some targets from a recipe.
pub fn build_from(cx: &Context, inputs: &Inputs, targets: &[Target], recipe: &Recipe) -> Result<()> {
    let doubts = check_dockerfile(cx, Some(&inputs.pyproject))?;
    if doubts.has_errors() {
        return Err(doubts.sorted().into());
    }
    cx.report(&doubts);
    Plugin::Buildx.require(&cx.runner).map_err(|why| Error::msg(explain(cx, &why)))?;
    if let Some(bundle) = &inputs.network.ca_certificates {
        require_small(bundle)?;
    }
    let (plan, settings) = (&recipe.plan, &inputs.settings);
    recipe.tell(cx);
    let sources = ContextSources::load(&cx.layout, &inputs.pyproject)?;
    let tree = build_context(&inputs.intent, plan, &inputs.pyproject, &sources);
    let (dockerfile, context) = (cx.layout.dockerfile(), cx.layout.context());

    let text = fs::read_text(&dockerfile)?;

    // Containers mount them, those of `docker compose` by hand too.
    dev_files::make(cx, &inputs.settings)?;
    let _lock = if cx.runner.is_dry_run() { None } else { Some(cx.lock()?) };
    if !cx.runner.is_dry_run() {
        fs::write_tree(&context, &tree)?;
    }
    for &target in targets {
        let image = target.image(&settings.image);
        cx.ui.notice(format_args!("building `{image}` with {}, because {}", plan.solver.name(), plan.reason));
        let labels = [(InputsHash::LABEL, hash(inputs, &tree, &text, target).to_string())];
        let request = BuildRequest {
            target,
            settings,
            solver: plan.solver,
            network: &inputs.network,
            dockerfile: &dockerfile,
            context: &context,
            labels: &labels,
        };
        cx.runner.succeed(&request.invocation()).with_context(|| {
            let hint = base_image_hint(cx, &settings.base_image.to_string());
            format!("`{image}` was not built{hint}")
        })?;
    }
    Ok(())
}

/// Whether an image was made of what is asked for now. `None` where there is no such image.
pub fn is_up_to_date(cx: &Context, inputs: &Inputs, target: Target) -> Result<Option<bool>> {
    let image = target.image(&inputs.settings.image);
    let reading = cx.runner.read(&ImageQuery { image: &image }.label(InputsHash::LABEL))?;
    let label = reading.stdout.trim();
    if !reading.exit.success() {
        return Ok(None);
    }
    let sources = ContextSources::load(&cx.layout, &inputs.pyproject)?;
    let plan = recipe(cx, inputs, &Platform::of_containers())?.plan;
    let tree = build_context(&inputs.intent, &plan, &inputs.pyproject, &sources);
    let text = fs::read_text(&cx.layout.dockerfile())?;
    Ok(Some(hash(inputs, &tree, &text, target).to_string() == label))
}

fn hash(inputs: &Inputs, tree: &Tree, dockerfile: &str, target: Target) -> InputsHash {
    let arguments = BuildRequest::values(&inputs.settings, inputs.plan.solver);
    InputsHash::new(target, tree, dockerfile, &arguments)
}

/// Without a registry that answers, the builder fails at the base image, with the registry's words.
fn base_image_hint(cx: &Context, base: &str) -> String {
    match cx.runner.read(&ImageQuery { image: base }.invocation()) {
        Ok(reading) if !reading.exit.success() => {
            format!(" (if `{base}` could not be pulled: set BASE_IMAGE to an image that this machine has or can pull)")
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
