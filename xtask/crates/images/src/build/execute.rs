//! Carrying out a plan: each run of the builder, then what joins or saves the images.

use std::fs::File;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Error, Result};
use camino::Utf8Path;

use docker::{
    ArchiveKind, BuilderOptions, CachePlace, CachePolicy, Export, JoinRequest, SaveRequest, StageChoice, labels,
};
use environment::{Platform, Solver};
use inputs::Project;

use super::{
    BuildPlan, PlatformPlan,
    activation::Activation,
    capabilities::{capabilities, require_base_image, require_registry},
    oci,
    schedule::{BuildSchedule, Finish},
    session::{ImageToBuild, Session},
    summary::{BuildSummary, ImageLocation},
};
use crate::{BuildEntry, Tags, Target, commit::Commit, foreign, ledger};

/// The stage of the Dockerfile that has the environment, and nothing on top of it.
const ENVIRONMENT: &str = "environment";

/// How the names of the stages begin that it is made in.
const ENVIRONMENT_STAGES: [&str; 5] = ["prefix-", "layer-", "layers-", "built", "packages-"];

/// An image of a target that a run of the builder has built.
struct BuiltImage {
    /// Of its inputs.
    hash: String,
    tags: Tags,
}

/// What is the same for every run of the builder.
struct Execution<'a> {
    plan: &'a BuildPlan<'a>,
    schedule: BuildSchedule,
    targets: &'a [Target],
    /// What the images are called.
    name: String,
    commit: Commit,
}

impl BuildPlan<'_> {
    /// Builds the images of some of its targets. What the builder cannot do is an error before anything starts.
    pub fn build(&self, targets: &[Target]) -> Result<()> {
        let Project { cx, settings, .. } = self.project;
        self.require_buildable()?;
        let schedule = self.schedule(targets)?;
        let name = self.order.name.map_or_else(|| settings.image.clone(), ToString::to_string);
        let commit = Commit::read(self.project);

        let _lock = cx.lock()?;
        let execution = Execution { plan: self, schedule, targets, name, commit };
        let started = Instant::now();
        let summary = execution.run().inspect_err(|error| {
            execution.keep(started.elapsed(), &BuildSummary::default(), &[], Some(error.root_cause().to_string()));
        })?;
        let sizes = summary.show(cx);
        execution.keep(started.elapsed(), &summary, &sizes, None);
        execution.commit.explain(cx);
        Ok(())
    }

    /// Builds the stage that has only the environment, without the cache for it, as an image of this name. The caller holds
    /// the repository's lock.
    pub fn build_environment_again(&self, image: &str) -> Result<()> {
        self.require_buildable()?;
        let recipe = &self.first.recipe;
        recipe.show_remarks(self.project.cx);
        let stages = self.environment_stages();
        let policy = CachePolicy { no_cache_stages: &stages, ..CachePolicy::default() };
        let image = ImageToBuild {
            stage: ENVIRONMENT.to_owned(),
            tags: vec![image.to_owned()],
            labels: Vec::new(),
            options: BuilderOptions::of_builder(self.order.builder),
        };
        Session::run(self.project, &self.first, &self.project.cx.layout.dockerfile(), &[image], policy, None).map(drop)
    }

    /// How many layers the environment of the first platform's images has: Python, its packages, and what is built from source.
    pub fn environment_layers(&self) -> usize {
        let StageChoice { layers, has_sources, .. } = self.first.stages();
        1 + layers + usize::from(has_sources)
    }

    /// Those of the Dockerfile's stages that install the environment, and those that put its layers on top of each other.
    fn environment_stages(&self) -> Vec<String> {
        let is_one = |it: &String| ENVIRONMENT_STAGES.iter().any(|prefix| it.starts_with(prefix));
        self.required_stages(ENVIRONMENT, &self.first).into_iter().filter(is_one).collect()
    }

    fn schedule(&self, targets: &[Target]) -> Result<BuildSchedule> {
        let platforms: Vec<Platform> = self.platforms().map(|it| it.platform.clone()).collect();
        if self.order.is_ordinary() {
            return Ok(BuildSchedule::ordinary(platforms));
        }
        require_registry(self.project, &self.order)?;
        let capabilities = capabilities(self.project.cx, self.order.builder)?;
        // conda's packages are others on each platform, even where none of them is locked yet.
        let is_uv = self.project.plan.solver == Solver::Uv;
        let are_alike = self.platforms().all(|it| it.tree == self.first.tree) && (is_uv || platforms.len() == 1);
        let schedule = BuildSchedule::new(
            &platforms,
            are_alike,
            targets.len(),
            &self.order.export,
            &self.order.caches,
            &capabilities,
        )?;
        require_base_image(self.project, &capabilities.builder, &platforms)?;
        Ok(schedule)
    }
}

impl Execution<'_> {
    /// Adds the build to those that are known.
    fn keep(&self, elapsed: Duration, summary: &BuildSummary, sizes: &[String], failure: Option<String>) {
        let (steps, done) = summary.steps();
        let entry = BuildEntry {
            time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            targets: self.targets.iter().map(|it| it.name().to_owned()).collect(),
            reasons: self.plan.reasons(self.targets),
            seconds: elapsed.as_secs_f64(),
            steps,
            done,
            sizes: sizes.to_vec(),
            failure,
        };
        // What became of the build is what counts, and not whether that can be written down.
        _ = ledger::record(self.plan.project.cx, &entry);
    }

    fn run(&self) -> Result<BuildSummary> {
        let mut summary = BuildSummary::default();
        let mut built: Vec<Vec<BuiltImage>> = self.targets.iter().map(|_| Vec::new()).collect();
        for platforms in &self.schedule.builds {
            let images = self.build(platforms, &mut summary)?;
            built.iter_mut().zip(images).for_each(|(images, image)| images.push(image));
        }
        self.finish(&built)?;
        Ok(summary)
    }

    /// Builds the images of all targets for platforms that are built from the same files.
    fn build(&self, platforms: &[Platform], summary: &mut BuildSummary) -> Result<Vec<BuiltImage>> {
        let Project { cx, .. } = self.plan.project;
        let is_for_first = |it: &&PlatformPlan| platforms.first() == Some(&it.platform);
        let plan = self.plan.platforms().find(is_for_first).unwrap_or(&self.plan.first);
        plan.recipe.show_remarks(cx);
        if let Some(base) = &plan.recipe.other_base {
            let base_image = &self.plan.project.settings.base_image;
            cx.ui.notice(format_args!("the lock was made on `{base}`; this build starts from `{base_image}`"));
        }
        let recipe = &plan.recipe.plan;
        let for_platforms = match self.plan.order.platforms {
            [] => String::new(),
            _ => format!(" for {}", listed(platforms)),
        };
        for &target in self.targets {
            let (_, image) = self.image(target, platforms, plan);
            cx.ui.notice(format_args!(
                "building `{}:{}`{for_platforms} with {}, because {}",
                self.name,
                image.tags.newest,
                recipe.solver.name(),
                recipe.reason
            ));
        }
        let plan = &self.to_be_built(plan, platforms)?;
        let images = self.targets.iter().map(|target| self.image(*target, platforms, plan));
        let (mut to_build, built): (Vec<_>, Vec<_>) = images.unzip();
        let BuildPlan { project, sources, order, .. } = self.plan;
        let options = to_build.first().map(|it| it.options.clone()).unwrap_or_default();
        let (activation, earlier) = Activation::read(project, plan, sources.dockerfile_text(), options)?;
        let dockerfile = activation.add_to(project.cx, sources.dockerfile_text(), &mut to_build)?;
        let session =
            Session::run(project, plan, &dockerfile, &to_build, order.cache_policy, self.commit.time())?.after(earlier);
        let images = self.targets.iter().zip(&built);
        let images = images.map(|(target, it)| (target.name(), self.location(&self.tagged(&it.tags.newest))));
        summary.add((self.plan, plan), session, platforms, images);
        Ok(built)
    }

    /// The plan with exact packages. uv solves where it installs, if one build is for several platforms, whose packages differ,
    /// or for one that nobody can solve for elsewhere.
    fn to_be_built(&self, plan: &PlatformPlan, platforms: &[Platform]) -> Result<PlatformPlan> {
        let is_solvable = Platform::SOLVABLE.contains(&plan.platform.to_string().as_str());
        if platforms.len() > 1 || (plan.recipe.plan.solver == Solver::Uv && !is_solvable) {
            return Ok(plan.clone());
        }
        // A newer base image may have another Python.
        let CachePolicy { no_cache, pull, .. } = self.plan.order.cache_policy;
        plan.solved(self.plan.project, &self.plan.sources, no_cache || pull)
    }

    /// An image of a target, before and after it is built.
    fn image(&self, target: Target, platforms: &[Platform], plan: &PlatformPlan) -> (ImageToBuild, BuiltImage) {
        let Self { plan: BuildPlan { project, order, .. }, schedule, name, .. } = self;
        let suffix = match platforms {
            [one] if schedule.finish == Finish::Join => Some(one.architecture()),
            [one] => foreign(one),
            _ => None,
        };
        let inputs = plan.inputs(target);
        let hash = inputs.hash().to_owned();
        let tags = Tags::new(target, &hash, self.commit.short(), suffix);
        let mut labels = inputs.labels();
        if schedule.is_by_daemon && *platforms == [Platform::of_containers()] {
            labels.extend(self.plan.base_id().map(|it| (labels::BASE, it.to_owned())));
        }
        labels.push((labels::TITLE, project.pyproject.name.clone()));
        labels.extend(self.commit.hash().map(|it| (labels::REVISION, it.to_owned())));
        let place = CachePlace {
            image: name,
            newest: &tags.newest,
            target: target.name(),
            platforms,
            directory: &project.cx.layout.local_caches(),
        };
        let options = BuilderOptions {
            builder: order.builder.map(str::to_owned),
            platforms: if order.platforms.is_empty() { Vec::new() } else { platforms.to_vec() },
            export: schedule.export.clone(),
            caches: order.caches.addresses(&place),
        };
        let mut images = tags.images(name);
        images.extend(inputs.locked_hash().map(|it| self.tagged(&Tags::new(target, it, None, suffix).inputs)));
        if schedule.export == Export::Load && platforms.len() > 1 {
            // `run --platform` looks for each by its own name, which an image for several platforms can have, too.
            images.extend(platforms.iter().filter(|it| foreign(it).is_some()).map(|it| target.image_for(name, it)));
        }
        (ImageToBuild { stage: target.name().to_owned(), tags: images, labels, options }, BuiltImage { hash, tags })
    }

    /// Where an image of this name is once all is done.
    fn location(&self, image: &str) -> ImageLocation {
        match (&self.schedule.finish, &self.schedule.export) {
            (Finish::Save(_, file), _) | (_, Export::Archive(_, file)) => ImageLocation::File(file.clone()),
            (_, Export::Push) => ImageLocation::Registry(image.to_owned()),
            (_, Export::Load) => ImageLocation::Daemon(image.to_owned()),
        }
    }

    fn finish(&self, built: &[Vec<BuiltImage>]) -> Result<()> {
        match &self.schedule.finish {
            Finish::Nothing => Ok(()),
            Finish::Join => self.targets.iter().zip(built).try_for_each(|(target, images)| self.join(*target, images)),
            Finish::Save(kind, file) => {
                let names: Vec<String> = built.iter().flatten().map(|it| self.tagged(&it.tags.newest)).collect();
                self.save(&names.iter().map(String::as_str).collect::<Vec<_>>(), *kind, file)
                    .with_context(|| format!("`{file}` was not written"))
            }
        }
    }

    /// Writes images that were loaded to a file.
    fn save(&self, images: &[&str], kind: ArchiveKind, file: &Utf8Path) -> Result<()> {
        let Project { cx, .. } = self.plan.project;
        cx.ui.notice(format_args!("writing `{}` to `{file}`", images.join("` and `")));
        let save = SaveRequest { images };
        match kind {
            ArchiveKind::Docker => Ok(cx.runner.succeed(&save.to_file(file))?),
            ArchiveKind::Oci => {
                let saved = cx.layout.saved_images();
                let written = cx.runner.succeed(&save.to_file(&saved)).map_err(Error::from).and_then(|()| {
                    cx.files.write_with(file, &|out| oci::write_layout(File::open(&saved)?, images, out))
                });
                let removed = cx.files.remove_file(&saved);
                written.and(removed)
            }
        }
    }

    /// Joins the images that were pushed for each platform: first those with the same inputs under the hash of these, then
    /// all of them under the target's own name.
    fn join(&self, target: Target, built: &[BuiltImage]) -> Result<()> {
        let mut hashes: Vec<&str> = Vec::new();
        for image in built {
            if !hashes.contains(&image.hash.as_str()) {
                hashes.push(&image.hash);
            }
        }
        let remote = |it: &BuiltImage| self.tagged(&it.tags.inputs);
        for hash in hashes {
            let alike: Vec<String> = built.iter().filter(|it| it.hash == hash).map(remote).collect();
            self.join_as(&alike, &[self.tagged(&Tags::new(target, hash, None, None).inputs)])?;
        }
        let tags = Tags::new(target, "", self.commit.short(), None);
        let names = [tags.commit, Some(tags.newest)].into_iter().flatten();
        let names: Vec<String> = names.map(|it| self.tagged(&it)).collect();
        self.join_as(&built.iter().map(remote).collect::<Vec<_>>(), &names)
    }

    fn join_as(&self, parts: &[String], names: &[String]) -> Result<()> {
        let Project { cx, .. } = self.plan.project;
        cx.ui.notice(format_args!("joining {} as `{}`", parts.join(" and "), names.join("` and `")));
        let invocation = JoinRequest { parts, names }.invocation();
        cx.runner.succeed(&invocation).with_context(|| format!("{} were not joined", parts.join(" and ")))
    }

    fn tagged(&self, tag: &str) -> String {
        format!("{}:{tag}", self.name)
    }
}

fn listed(platforms: &[Platform]) -> String {
    platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}
