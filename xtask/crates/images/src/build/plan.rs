//! The one way from the dependency files to images.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;

use anyhow::{Context as _, Error, Result, ensure};
use camino::Utf8Path;

use docker::{BuildRequest, ImageQuery, MAX_SECRET_BYTES, Plugin, StoredImage, TagRequest};
use environment::Platform;
use inputs::{LockUse, Project, Recipe, explain_unavailable, recipe};
use project::EngineChoice;

use super::{BuildOrder, BuildSources, PlatformPlan};
use crate::{
    Freshness, Target,
    commit::Commit,
    foreign,
    freshness::{ImageAnswers, summary},
    tags::Tags,
};

/// How an image of a target compares with what would be built now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedImage {
    pub target: Target,
    /// The name and tag.
    pub image: String,
    pub freshness: Freshness,
    /// The name and tag of an image that was built from the same inputs before, where the target's own is another.
    pub earlier: Option<String>,
}

/// Whether an image that is out of date will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaleImage {
    Used,
    Refused,
}

/// What there is of the image of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundImage {
    /// Its name.
    Usable(String),
    Stale,
    Missing,
}

/// A build, planned before anything starts: for one platform or several, to be loaded, pushed or archived.
#[derive(Debug)]
pub struct BuildPlan<'a> {
    pub(super) project: &'a Project<'a>,
    pub(super) order: BuildOrder<'a>,
    pub(super) sources: BuildSources,
    /// The platform that was named first; this machine's where none was.
    pub first: PlatformPlan,
    others: Vec<PlatformPlan>,
    /// The id of the base image, where the daemon has it under its name; asked for once.
    base_id: OnceCell<Option<String>>,
    /// Why the images of targets that were looked at have to be built.
    reasons: RefCell<BTreeMap<Target, Vec<String>>>,
}

impl<'a> BuildPlan<'a> {
    /// Reads and plans what the images are built from. No process is started.
    pub fn new(project: &'a Project<'a>, order: BuildOrder<'a>) -> Result<Self> {
        let builder = order.builder.or(project.settings.builder.as_deref());
        let order = BuildOrder { builder, ..order };
        let sources = BuildSources::of(project)?;
        let plan = |it: &Platform| PlatformPlan::new(project, &sources, it, order.lock_use);
        let (first, others) = order.each_platform();
        let (first, others) = (plan(&first)?, others.iter().map(plan).collect::<Result<_>>()?);
        Ok(Self { project, order, sources, first, others, base_id: OnceCell::new(), reasons: RefCell::default() })
    }

    /// For whoever wants to use images and builds those that are missing: a lock that cannot be read only stops a build.
    /// Without platforms, it is about this machine's.
    pub fn to_use(project: &'a Project<'a>, targets: &'a [Target], platforms: &'a [Platform]) -> Result<Self> {
        Self::new(project, BuildOrder { platforms, lock_use: LockUse::IfReadable, ..BuildOrder::ordinary(targets) })
    }

    /// The plan for each platform, in the order in which they were named.
    pub(super) fn platforms(&self) -> impl Iterator<Item = &PlatformPlan> {
        once(&self.first).chain(&self.others)
    }

    /// The name and tag of a target's image for the first platform.
    pub fn image(&self, target: Target) -> String {
        target.image_for(&self.project.settings.image, &self.first.platform)
    }

    /// How the images that this machine has for the first platform compare with the plan. The native engine has none.
    pub fn compare(&self) -> Vec<ComparedImage> {
        self.compare_targets(self.order.targets)
    }

    /// The image to run for a target of the first platform: the one that has the target's name, or one that was built from these
    /// inputs before and has lost the name to another, such as that of another worktree, since. Says so in a line, and that an
    /// image is out of date.
    pub fn find_image(&self, target: Target, stale: StaleImage) -> FoundImage {
        let Some(found) = self.compare_targets(&[target]).pop() else { return FoundImage::Missing };
        let ComparedImage { image, freshness, earlier, .. } = found;
        let ui = &self.project.cx.ui;
        match (earlier, &freshness) {
            (Some(earlier), _) => {
                if freshness != Freshness::Missing {
                    ui.notice(format_args!("using `{earlier}`: `{image}` was built from other files since"));
                }
                FoundImage::Usable(earlier)
            }
            (None, Freshness::Missing) => FoundImage::Missing,
            (None, Freshness::Stale(reasons)) if stale == StaleImage::Refused => {
                ui.notice(format_args!("`{image}` is out of date ({})", summary(reasons)));
                FoundImage::Stale
            }
            (None, _) => {
                self.warn_of(target, &freshness);
                FoundImage::Usable(image)
            }
        }
    }

    /// Warns in a line where the image of a target for the first platform is out of date.
    pub fn warn_if_stale(&self, target: Target) {
        for it in self.compare_targets(&[target]) {
            self.warn_of(target, &it.freshness);
        }
    }

    fn warn_of(&self, target: Target, freshness: &Freshness) {
        let Freshness::Stale(reasons) = freshness else { return };
        let (image, platform) = (self.image(target), &self.first.platform);
        let option = foreign(platform).map(|_| format!(" --platform {platform}")).unwrap_or_default();
        self.project.cx.ui.notice(format_args!(
            "warning: `{image}` is out of date ({}): cargo xtask build {}{option}",
            summary(reasons),
            target.name()
        ));
    }

    fn compare_targets(&self, targets: &[Target]) -> Vec<ComparedImage> {
        let compared = |target: &Target, freshness, earlier| ComparedImage {
            target: *target,
            image: self.image(*target),
            freshness,
            earlier,
        };
        if self.project.settings.engine == EngineChoice::Native {
            return targets.iter().map(|it| compared(it, Freshness::Missing, None)).collect();
        }
        let by_inputs = |target: Target| {
            let tags = Tags::new(target, self.first.inputs(target).hash(), None, foreign(&self.first.platform));
            format!("{}:{}", self.project.settings.image, tags.inputs)
        };
        let images: Vec<String> = targets.iter().flat_map(|it| [self.image(*it), by_inputs(*it)]).collect();
        let answers = ImageAnswers::get(self.project, &images);
        self.base_id.get_or_init(|| answers.base_id().map(str::to_owned));
        let compare = |target: &Target| {
            let inputs = self.first.inputs(*target);
            let freshness = answers.freshness(&self.image(*target), inputs);
            self.reasons.borrow_mut().insert(*target, freshness.reasons());
            let is_current = matches!(freshness, Freshness::UpToDate { .. });
            let is_there = |it: &String| matches!(answers.freshness(it, inputs), Freshness::UpToDate { .. });
            let earlier = (!is_current).then(|| by_inputs(*target)).filter(is_there);
            compared(target, freshness, earlier)
        };
        targets.iter().map(compare).collect()
    }

    /// Gives a target's names to an image that was built from the same inputs before.
    pub fn take_back(&self, target: Target, earlier: &str) -> Result<()> {
        let Project { cx, settings, .. } = self.project;
        let _lock = cx.lock()?;
        let commit = Commit::read(self.project);
        let hash = self.first.inputs(target).hash();
        let names = Tags::new(target, hash, commit.short(), foreign(&self.first.platform)).images(&settings.image);
        for name in names.iter().filter(|it| *it != earlier) {
            cx.runner.succeed(&TagRequest { image: earlier, name }.invocation())?;
        }
        let image = self.image(target);
        cx.ui.notice(format_args!("`{image}` is `{earlier}` now, which was built from the same files before"));
        Ok(())
    }

    /// Gives an image that was loaded under another name the names that its target has here, and takes that one from it. Where it was
    /// built from other inputs, it gets only the one by which it is run.
    pub fn adopt(&self, target: Target, loaded: &str) -> Result<()> {
        let Project { cx, settings, .. } = self.project;
        let _lock = cx.lock()?;
        let image = self.image(target);
        cx.runner.succeed(&TagRequest { image: loaded, name: &image }.invocation())?;
        let is_current =
            self.compare_targets(&[target]).iter().any(|it| matches!(it.freshness, Freshness::UpToDate { .. }));
        if is_current {
            let tags = Tags::new(target, self.first.inputs(target).hash(), None, foreign(&self.first.platform));
            for name in tags.images(&settings.image).iter().filter(|it| **it != image) {
                cx.runner.succeed(&TagRequest { image: &image, name }.invocation())?;
            }
        }
        let removed = cx.runner.change(&StoredImage::removal([loaded]))?;
        if !removed.exit.success() {
            cx.ui.notice(format_args!("`{loaded}` still names the same image: {}", removed.stderr.trim()));
        }
        Ok(())
    }

    /// Gives an image that was built before its inputs were committed the name of the commit that they are in now.
    pub fn name_after_commit(&self, target: Target) -> Result<()> {
        let Project { cx, settings, .. } = self.project;
        let commit = Commit::read(self.project);
        let tags = Tags::new(target, self.first.inputs(target).hash(), commit.short(), foreign(&self.first.platform));
        let Some(name) = tags.commit.map(|it| format!("{}:{it}", settings.image)) else { return Ok(()) };
        if cx.runner.read(&ImageQuery { image: &name }.invocation())?.exit.success() {
            return Ok(());
        }
        cx.runner.succeed(&TagRequest { image: &self.image(target), name: &name }.invocation())?;
        cx.ui.notice(format_args!("it is `{name}` as well, because its files are committed now"));
        Ok(())
    }

    /// Why these targets have to be built, as far as somebody has looked.
    pub(super) fn reasons(&self, targets: &[Target]) -> Vec<String> {
        let known = self.reasons.borrow();
        let mut reasons: Vec<String> = targets.iter().filter_map(|it| known.get(it)).flatten().cloned().collect();
        reasons.dedup();
        reasons
    }

    /// The id of the base image, where the daemon has it under its name. It is asked if it has not been asked before.
    pub(super) fn base_id(&self) -> Option<&str> {
        let ask = || {
            let query = ImageQuery { image: &self.project.settings.base_image.to_string() }.invocation();
            let answer = self.project.cx.runner.read(&query).ok().filter(|it| it.exit.success())?;
            Some(answer.stdout.trim().to_owned())
        };
        self.base_id.get_or_init(ask).as_deref()
    }

    /// What this machine's native environment would be built from.
    pub fn native_recipe(self) -> Result<Recipe> {
        let host = Platform::of_host();
        if self.first.platform == host {
            Ok(self.first.recipe)
        } else {
            recipe(self.project, &host, self.order.lock_use)
        }
    }

    /// The stages of the Dockerfile that a stage is built from, itself included.
    pub(super) fn required_stages(&self, stage: &str, platform: &PlatformPlan) -> BTreeSet<String> {
        let values = BuildRequest::values(&self.project.settings, platform.stages());
        self.sources.dockerfile().required_stages(stage, &values)
    }

    /// Fails where no build could succeed: for mistakes in the Dockerfile, a missing plugin, or certificates that are too large.
    pub(super) fn require_buildable(&self) -> Result<()> {
        let Project { cx, pyproject, settings, network, .. } = self.project;
        self.require_readable_locks()?;
        let findings = self.sources.findings(pyproject);
        if findings.has_errors() {
            return Err(findings.sorted().into());
        }
        cx.report(&findings);
        if settings.engine != EngineChoice::Podman {
            Plugin::Buildx.require(&cx.runner).map_err(|why| Error::msg(explain_unavailable(cx, &why)))?;
        }
        network.ca_certificates.as_deref().map_or(Ok(()), require_small)
    }

    /// A plan [to use](Self::to_use) images takes a lock that cannot be read for none.
    fn require_readable_locks(&self) -> Result<()> {
        if self.order.lock_use != LockUse::IfReadable {
            return Ok(());
        }
        let may_be_unreadable = |it: &&PlatformPlan| it.recipe.plan.locked.is_none() && it.recipe.remarks.is_empty();
        let read = |it: &PlatformPlan| recipe(self.project, &it.platform, LockUse::Prefer).map(drop);
        self.platforms().filter(may_be_unreadable).try_for_each(read)
    }
}

fn require_small(bundle: &Utf8Path) -> Result<()> {
    let bytes = bundle.metadata().with_context(|| format!("cannot read `{bundle}`"))?.len();
    ensure!(
        bytes <= MAX_SECRET_BYTES,
        "the certificate authorities in `{bundle}` are {bytes} bytes, but a build takes no more than {MAX_SECRET_BYTES}; \
         set CA_CERTIFICATES to a file with only those that your network adds"
    );
    Ok(())
}
