//! One run of the builder, for one image or several.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error, Result};
use camino::Utf8Path;

use docker::{
    BakeRequest, BuildRequest, BuildStep, BuilderOptions, CachePolicy, Capability, ImageQuery, Progress, StepPosition,
};
use inputs::{Project, Writer, build_access, explain_full_disk, require_capability};
use process::{Exit, Invocation, ProcessError, files::NewFile};
use project::{Context, EngineChoice, ImageReference};

use super::{
    PlatformPlan, display,
    dockerfile::{for_engine, with_own_caches},
    failure,
};

pub(super) struct ImageToBuild {
    /// The stage of the Dockerfile that is the image.
    pub(super) stage: String,
    /// Names, each with a tag.
    pub(super) tags: Vec<String>,
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) options: BuilderOptions,
}

/// Why a build has ended: where in the Dockerfile, and what was said last.
#[derive(Debug)]
pub(super) struct FailedStep {
    /// `None` where it is no step of the Dockerfile.
    pub position: Option<StepPosition>,
    /// What it said last.
    cause: String,
}

impl fmt::Display for FailedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl std::error::Error for FailedStep {}

/// What the builder has reported of a run.
pub(super) struct Session {
    pub(super) steps: Vec<BuildStep>,
    pub(super) elapsed: Duration,
}

impl Session {
    /// Writes the context and builds the images from it and a Dockerfile: all at once, and what they have in common once. `time`
    /// is when they say that they were made.
    pub(super) fn run(
        project: &Project,
        plan: &PlatformPlan,
        dockerfile: &Utf8Path,
        images: &[ImageToBuild],
        cache_policy: CachePolicy,
        time: Option<&str>,
    ) -> Result<Self> {
        let access = build_access(project, &plan.recipe.plan)?;
        let context = project.cx.layout.context();
        let dockerfile = &for_engine(project, dockerfile)?;
        let requests: Vec<BuildRequest> = images
            .iter()
            .map(|it| BuildRequest {
                stage: &it.stage,
                images: &it.tags,
                settings: &project.settings,
                stages: plan.stages(),
                network: &project.network,
                access: &access,
                dockerfile,
                context: &context,
                labels: &it.labels,
                cache_policy,
                options: &it.options,
            })
            .collect();
        let names = images.iter().filter_map(|it| it.tags.first().map(String::as_str)).collect::<Vec<_>>();
        let verb = if names.len() > 1 { "were" } else { "was" };
        project.cx.files.write_tree(&context, &plan.tree)?;
        let failure = format!("`{}` {verb} not built", names.join("` and `"));
        let mut session = None;
        for invocation in invocations(project, &requests)? {
            let next = Self::watch(project, &at_time(project.cx, invocation, time), &failure)?;
            session = Some(next.after(session));
        }
        session.context(failure)
    }

    /// Writes the context, and the files of a stage into a directory.
    pub(super) fn write_files(
        project: &Project,
        plan: &PlatformPlan,
        stage: &str,
        directory: &Utf8Path,
        options: &BuilderOptions,
    ) -> Result<Self> {
        let layout = &project.cx.layout;
        let request = BuildRequest {
            stage,
            images: &[],
            settings: &project.settings,
            stages: plan.stages(),
            network: &project.network,
            access: &build_access(project, &plan.recipe.plan)?,
            dockerfile: &for_engine(project, &layout.dockerfile())?,
            context: &layout.context(),
            labels: &[],
            cache_policy: CachePolicy::default(),
            options,
        };
        project.cx.files.write_tree(&layout.context(), &plan.tree)?;
        Self::watch(project, &request.to_directory(directory), "the environment was not built")
    }

    fn watch(project: &Project, invocation: &Invocation, failure: &str) -> Result<Self> {
        let Project { cx, settings, .. } = project;
        let started = Instant::now();
        let mut progress = Progress::default();
        let has_steps = require_capability(settings, Capability::BuildProgress).is_ok();
        let invocation = &with_own_caches(project, invocation.clone())?;
        let exit = display::watch(cx, invocation, &mut progress, has_steps)?;
        if exit != Exit::SUCCESS {
            let hint = if progress.found_disk_full() {
                format!(" ({})", explain_full_disk(cx, Writer::Docker))
            } else {
                base_image_hint(cx, &settings.base_image)
            };
            let invocation = cx.runner.spoken(invocation)?;
            let failed = || ProcessError::failed(&invocation, exit);
            let Some(step) = progress.failure() else { return Err(failed()).context(format!("{failure}{hint}")) };
            failure::show(project, step);
            let cause = step.cause().map_or_else(|| failed().to_string(), str::to_owned);
            return Err(Error::new(FailedStep { position: step.position(), cause }))
                .context(format!("{failure}{hint}"));
        }
        Ok(Self { steps: progress.steps(), elapsed: started.elapsed() })
    }

    /// Both runs as one.
    pub(super) fn after(self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        let steps = earlier.steps.into_iter().chain(self.steps);
        Self { steps: BuildStep::merged(steps), elapsed: earlier.elapsed + self.elapsed }
    }
}

/// Lets the builder write this time into the configuration of images, as far as it can: BuildKit since 0.11. An older one, such as
/// that of Docker 20.10, passes over it. The files in the layers keep theirs.
///
/// <https://reproducible-builds.org/docs/source-date-epoch/>
fn at_time(cx: &Context, invocation: Invocation, time: Option<&str>) -> Invocation {
    // Whoever has exported one knows better.
    match time.filter(|_| !cx.host.has(SOURCE_DATE_EPOCH)) {
        Some(time) => invocation.env(SOURCE_DATE_EPOCH, time),
        None => invocation,
    }
}

/// The variable that buildx reads.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// `buildx build` for one image, `buildx bake` for several, whose file a dry run shows. podman builds one after the other.
fn invocations(project: &Project, requests: &[BuildRequest]) -> Result<Vec<Invocation>> {
    let Project { cx, settings, .. } = project;
    if requests.len() == 1 || settings.engine == EngineChoice::Podman {
        return Ok(requests.iter().map(BuildRequest::invocation).collect());
    }
    let file = cx.layout.work().join("bake.json");
    let bake = BakeRequest { builds: requests, file: &file };
    let text = bake.definition();
    if cx.is_dry_run() {
        cx.ui.notice(format_args!("`{}` would be:\n{text}", cx.layout.relative(&file)));
    }
    cx.files.write(&file, &NewFile::text(text))?;
    Ok(vec![bake.invocation()])
}

/// Without a registry that answers, the builder fails at the base image, and only shows the registry's error.
pub(super) fn base_image_hint(cx: &Context, base: &ImageReference) -> String {
    match cx.runner.read(&ImageQuery { image: &base.to_string() }.invocation()) {
        Ok(answer) if !answer.exit.success() => {
            let from_file = match base.digest() {
                Some(_) => {
                    "; an image that was loaded from a file has no digest: give it another name with `docker tag`, and \
                     set BASE_IMAGE to that"
                }
                None => "",
            };
            format!(
                " (if `{base}` could not be pulled: `cargo xtask base --set` builds one from Debian's packages, or set \
                 BASE_IMAGE to an image that this machine has or can pull{from_file})"
            )
        }
        _ => String::new(),
    }
}
