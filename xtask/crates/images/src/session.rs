//! One go of the builder, for one image or several.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use docker::{BakeRequest, BuildRequest, CachePolicy, ImageQuery, Progress, BuildStep, BuilderOptions};
use environment::Solver;
use inputs::{Inputs, Recipe};
use installation::Dockerfile;
use process::{
    Exit, Invocation, ProcessError,
    files::{self, NewFile},
};
use project::Context;
use report::{Findings, Source};

use super::freshness::Making;

/// What a build reads.
pub(super) struct Building<'a> {
    cx: &'a Context,
    inputs: &'a Inputs,
    solver: Solver,
    /// What it is made of.
    pub(super) making: Making,
}

/// An image to be built.
pub(super) struct Piece {
    /// The stage that becomes it.
    pub(super) stage: &'static str,
    /// What it is called, by each of its names and tags.
    pub(super) images: Vec<String>,
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) way: BuilderOptions,
}

/// What the builder has told.
pub(super) struct Session {
    pub(super) steps: Vec<BuildStep>,
    pub(super) elapsed: Duration,
}

impl<'a> Building<'a> {
    /// By a recipe.
    pub(super) fn of(cx: &'a Context, inputs: &'a Inputs, recipe: &Recipe) -> Result<Self> {
        Ok(Self { cx, inputs, solver: recipe.plan.solver, making: Making::new(cx, inputs, recipe)? })
    }

    /// The Dockerfile, as far as it can be read, and the arguments that choose its stages.
    pub(super) fn stages_behind(&self, stage: &str) -> BTreeSet<String> {
        let source = Source::new("Dockerfile", self.making.dockerfile.as_str());
        let values = BuildRequest::values(&self.inputs.settings, self.solver);
        Dockerfile::parse(&source, &mut Findings::default()).stages_behind(stage, &values)
    }

    /// Builds images of the context that is written for it: all of them at once, and what they have in common once.
    pub(super) fn start(&self, pieces: &[Piece], freedom: CachePolicy) -> Result<Session> {
        let Self { cx, inputs, .. } = self;
        let (dockerfile, context) = (cx.layout.dockerfile(), cx.layout.context());
        let requests: Vec<BuildRequest> = pieces
            .iter()
            .map(|it| BuildRequest {
                stage: it.stage,
                images: &it.images,
                settings: &inputs.settings,
                solver: self.solver,
                network: &inputs.network,
                dockerfile: &dockerfile,
                context: &context,
                labels: &it.labels,
                freedom,
                way: &it.way,
            })
            .collect();
        self.write_context()?;
        let started = Instant::now();
        let mut progress = Progress::default();
        let invocation = self.invocation(&requests)?;
        let exit = cx.runner.watch(&invocation, &mut |it| progress.hear(it))?;
        if exit != Exit::SUCCESS {
            let names = pieces.iter().filter_map(|it| it.images.first().map(String::as_str)).collect::<Vec<_>>();
            let hint = base_image_hint(cx, &inputs.settings.base_image.to_string());
            let (verb, names) = (if names.len() > 1 { "were" } else { "was" }, names.join("` and `"));
            return Err(ProcessError::failed(&invocation, exit)).context(format!("`{names}` {verb} not built{hint}"));
        }
        Ok(Session { steps: progress.steps(), elapsed: started.elapsed() })
    }

    fn invocation(&self, requests: &[BuildRequest]) -> Result<Invocation> {
        if let [one] = requests {
            return Ok(one.invocation());
        }
        let file = self.cx.layout.work().join("bake.json");
        let bake = BakeRequest { builds: requests, file: &file };
        let text = bake.definition();
        if self.cx.runner.is_dry_run() {
            self.cx.ui.notice(format_args!("`{}` would be:\n{text}", self.cx.layout.relative(&file)));
        } else {
            files::write(&file, &NewFile::text(text))?;
        }
        Ok(bake.invocation())
    }

    fn write_context(&self) -> Result<()> {
        let is_dry_run = self.cx.runner.is_dry_run();
        if is_dry_run { Ok(()) } else { files::write_tree(&self.cx.layout.context(), &self.making.tree) }
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
