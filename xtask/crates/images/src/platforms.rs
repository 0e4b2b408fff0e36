//! Images for other platforms, by other builders and to other places than this machine's daemon.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use docker::{
    self, Builder, CacheKind, CachePlace, Caches, Export, CachePolicy, ImageQuery, DaemonInfo, JoinRequest, SaveRequest, BuilderOptions,
    labels,
};
use environment::Platform;
use inputs::{Inputs, Recipe, locked_recipe, recipe};
use project::{Context, system::System};

use super::{
    build::check,
    commit::Commit,
    freshness::base_id,
    session::{Building, Piece},
    summary::{ImageLocation, Summary},
};
use crate::{BuildPlan, BuildWish, Delivery, Finish, ImageName, Tags, Target, BuildCapabilities, foreign};

/// How long a registry may take to tell for which platforms it has the base image. One that does not answer is for the
/// build to complain of.
const PATIENCE: Duration = Duration::from_secs(15);

/// GitHub gives it to what may use its cache.
///
/// <https://docs.docker.com/build/cache/backends/gha/>
const GHA_TOKEN: &str = "ACTIONS_RUNTIME_TOKEN";

/// What shall be built.
#[derive(Debug)]
pub struct BuildOrder<'a> {
    /// The images.
    pub targets: &'a [Target],
    /// For which platforms; this machine's where none is named.
    pub platforms: &'a [Platform],
    /// By which builder, if not the current one.
    pub builder: Option<&'a str>,
    /// What they are called, if not as the settings have it.
    pub name: Option<&'a ImageName>,
    /// Where they go.
    pub delivery: Delivery,
    /// What they are built from and leave for others.
    pub caches: Caches,
    /// From locks or not at all.
    pub is_locked: bool,
    /// How much of what is there is used.
    pub freedom: CachePolicy<'a>,
}

/// Builds as ordered. What the builder cannot do is said before anything starts.
pub fn build_for(cx: &Context, inputs: &Inputs, order: &BuildOrder) -> Result<()> {
    check(cx, inputs)?;
    let own = [Platform::of_containers()];
    let mut platforms: Vec<Platform> = Vec::new();
    for platform in if order.platforms.is_empty() { &own } else { order.platforms } {
        if !platforms.contains(platform) {
            platforms.push(platform.clone());
        }
    }
    require_registry(cx, inputs, order)?;
    let recipes: Vec<Recipe> = platforms.iter().map(|it| order.recipe(cx, inputs, it)).collect::<Result<_>>()?;
    let made: Vec<Building> = recipes.iter().map(|it| Building::of(cx, inputs, it)).collect::<Result<_>>()?;
    let builder = builder(cx, order.builder)?;
    let info = cx.runner.read(&DaemonInfo::query()).ok().and_then(|it| DaemonInfo::parse(&it));
    let wish = BuildWish {
        platforms: &platforms,
        are_alike: made.windows(2).all(|it| it[0].making.tree == it[1].making.tree),
        delivery: &order.delivery,
        caches: &order.caches,
    };
    let workshop = BuildCapabilities {
        builder: &builder,
        has_containerd_store: info.is_some_and(|it| it.has_containerd_store),
        own: &own[0],
        system: &System::detect(),
    };
    let plan = BuildPlan::new(&wish, &workshop)?;
    require_base(cx, inputs, &builder, &platforms)?;

    let _lock = if cx.runner.is_dry_run() { None } else { Some(cx.lock()?) };
    let name = order.name.map_or_else(|| inputs.settings.image.clone(), ToString::to_string);
    let job = Job { cx, inputs, order, plan: &plan, builder: &builder, name: &name, commit: Commit::read(cx) };
    let mut summary = Summary::default();
    let mut parts: Vec<Vec<Part>> = order.targets.iter().map(|_| Vec::new()).collect();
    for group in &plan.builds {
        // Each is among them.
        let index = platforms.iter().position(|it| group.first() == Some(it)).unwrap_or_default();
        recipes[index].tell(cx);
        let built = job.build(group, &made[index], &recipes[index], &mut summary)?;
        parts.iter_mut().zip(built).for_each(|(parts, part)| parts.push(part));
    }
    for (&target, parts) in order.targets.iter().zip(&parts) {
        job.finish(target, parts)?;
    }
    summary.tell(cx);
    job.commit.tell(cx);
    Ok(())
}

impl BuildOrder<'_> {
    fn recipe(&self, cx: &Context, inputs: &Inputs, platform: &Platform) -> Result<Recipe> {
        if self.is_locked { locked_recipe(cx, inputs, platform) } else { recipe(cx, inputs, platform) }
    }
}

/// What is the same for every build.
struct Job<'a> {
    cx: &'a Context,
    inputs: &'a Inputs,
    order: &'a BuildOrder<'a>,
    plan: &'a BuildPlan,
    builder: &'a Builder,
    /// What the images are called.
    name: &'a str,
    commit: Commit,
}

/// What one build has made of a target.
struct Part {
    hash: String,
    tags: Tags,
}

impl Job<'_> {
    /// Builds the images of all targets for some platforms.
    fn build(
        &self,
        platforms: &[Platform],
        made: &Building,
        recipe: &Recipe,
        summary: &mut Summary,
    ) -> Result<Vec<Part>> {
        let Self { cx, order, name, .. } = self;
        let listed = platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        let (mut pieces, mut parts) = (Vec::new(), Vec::new());
        for &target in order.targets {
            let (piece, part) = self.piece(target, platforms, made);
            let (image, solver) = (format!("{name}:{}", part.tags.newest), recipe.plan.solver.name());
            cx.ui.notice(format_args!("building `{image}` for {listed} with {solver}, because {}", recipe.plan.reason));
            pieces.push(piece);
            parts.push(part);
        }
        let session = made.start(&pieces, order.freedom)?;
        let place = |it: &Part| self.place(&format!("{name}:{}", it.tags.newest));
        let places = order.targets.iter().zip(&parts).map(|(target, part)| (target.name(), place(part)));
        summary.add(made, session, platforms, places);
        Ok(parts)
    }

    /// What is built for a target, and what it is known by afterwards.
    fn piece(&self, target: Target, platforms: &[Platform], made: &Building) -> (Piece, Part) {
        let Self { cx, inputs, order, plan, builder, name, commit } = self;
        let suffix = match platforms {
            [one] if plan.finish == Finish::Join => Some(one.architecture()),
            [one] => foreign(one),
            _ => None,
        };
        let made_of = made.making.inputs(inputs, target);
        let tags = Tags::new(target, &made_of.hash(), commit.short(), suffix);
        let mut labels = made_of.labels();
        if *platforms == [Platform::of_containers()] && builder.is_daemon() {
            labels.extend(base_id(cx, inputs).map(|it| (labels::BASE, it)));
        }
        labels.extend(commit.hash().map(|it| (labels::REVISION, it.to_owned())));
        let place = CachePlace {
            image: name,
            newest: &tags.newest,
            target: target.name(),
            platforms,
            directory: &cx.layout.work().join("cache"),
        };
        let way = BuilderOptions {
            builder: order.builder.map(str::to_owned),
            platforms: if order.platforms.is_empty() { Vec::new() } else { platforms.to_vec() },
            export: plan.export.clone(),
            caches: order.caches.addresses(&place),
        };
        let mut images = tags.images(name);
        if plan.export == Export::Load && platforms.len() > 1 {
            // `run --platform` looks for each by a name of its own, which one image of them all can have, too.
            images.extend(platforms.iter().filter(|it| foreign(it).is_some()).map(|it| target.image_for(name, it)));
        }
        let piece = Piece { stage: target.name(), images, labels, way };
        (piece, Part { hash: made_of.hash(), tags })
    }

    /// Where an image of this name is at the end.
    fn place(&self, image: &str) -> ImageLocation {
        match (&self.plan.finish, &self.plan.export) {
            (Finish::Save(file), _) | (_, Export::Archive(_, file)) => ImageLocation::File(file.clone()),
            (_, Export::Push) => ImageLocation::Registry(image.to_owned()),
            (_, Export::Load) => ImageLocation::Daemon(image.to_owned()),
        }
    }

    fn finish(&self, target: Target, parts: &[Part]) -> Result<()> {
        let Self { cx, plan, name, .. } = self;
        match (&plan.finish, parts) {
            (Finish::Join, _) => self.join(target, parts),
            (Finish::Save(file), [part]) => {
                let image = format!("{name}:{}", part.tags.newest);
                cx.ui.notice(format_args!("writing `{image}` to `{file}`"));
                cx.runner
                    .succeed(&SaveRequest { image: &image }.to_file(file))
                    .with_context(|| format!("`{file}` was not written"))
            }
            _ => Ok(()),
        }
    }

    /// One image of those that were pushed: by the hash of those that were made of the same, and at last by the target's
    /// own name.
    fn join(&self, target: Target, parts: &[Part]) -> Result<()> {
        let name = self.name;
        let mut hashes: Vec<&str> = Vec::new();
        for part in parts {
            if !hashes.contains(&part.hash.as_str()) {
                hashes.push(&part.hash);
            }
        }
        let tagged = |it: &Part| format!("{name}:{}", it.tags.inputs);
        for hash in hashes {
            let alike: Vec<String> = parts.iter().filter(|it| it.hash == hash).map(tagged).collect();
            let tags = Tags::new(target, hash, None, None);
            self.join_as(&alike, &[format!("{name}:{}", tags.inputs)])?;
        }
        let tags = Tags::new(target, "", self.commit.short(), None);
        let names = [tags.commit, Some(tags.newest)].into_iter().flatten();
        let names: Vec<String> = names.map(|it| format!("{name}:{it}")).collect();
        self.join_as(&parts.iter().map(tagged).collect::<Vec<_>>(), &names)
    }

    fn join_as(&self, parts: &[String], names: &[String]) -> Result<()> {
        self.cx.ui.notice(format_args!("joining {} as `{}`", parts.join(" and "), names.join("` and `")));
        let invocation = JoinRequest { parts, names }.invocation();
        self.cx.runner.succeed(&invocation).with_context(|| format!("{} were not joined", parts.join(" and ")))
    }
}

fn builder(cx: &Context, name: Option<&str>) -> Result<Builder> {
    let reading = cx.runner.read(&Builder::inspection(name))?;
    let builder = Builder::of_inspection(&reading.stdout).filter(|_| reading.exit.success());
    builder.with_context(|| {
        let said = reading.stderr.trim().trim_start_matches("ERROR: ");
        format!("there is no such builder: {said} (fix: docker buildx ls tells those that there are)")
    })
}

/// What is pushed, and what is kept beside it, needs a registry; GitHub's cache needs GitHub.
fn require_registry(cx: &Context, inputs: &Inputs, order: &BuildOrder) -> Result<()> {
    let what = match order.delivery {
        Delivery::Push => Some("--push"),
        _ if order.caches.need_a_registry() => Some("a cache in a registry"),
        _ => None,
    };
    if let (Some(what), None, None) = (what, &inputs.settings.registry, order.name) {
        let file = cx.layout.relative(&cx.layout.env_file());
        bail!("{what} needs a registry: set REGISTRY_HOSTNAME in `{file}`, or name the images with --to");
    }
    let uses_gha = order.caches.from.iter().chain(&order.caches.to).any(|it| *it == CacheKind::Gha);
    ensure!(
        !uses_gha || cx.host.get(GHA_TOKEN).is_some(),
        "the cache `gha` is GitHub's and there is no {GHA_TOKEN} (fix: in a workflow, `uses: \
         crazy-max/ghaction-github-runtime@v3` before this step; elsewhere another cache)"
    );
    Ok(())
}

/// Fails where the base image is known to be missing for another platform. The daemon builds from the images that it has,
/// every builder from a registry's.
fn require_base(cx: &Context, inputs: &Inputs, builder: &Builder, platforms: &[Platform]) -> Result<()> {
    let others: Vec<Platform> = platforms.iter().filter(|it| foreign(it).is_some()).cloned().collect();
    let image = inputs.settings.base_image.to_string();
    let query = ImageQuery { image: &image };
    let local = || {
        let reading = cx.runner.read(&query.platform()).ok().filter(|it| it.exit.success() && builder.is_daemon())?;
        Some(reading.stdout.trim().to_owned())
    };
    if others.is_empty() {
        return Ok(());
    }
    let local = local();
    if others.iter().all(|it| local.as_deref() == Some(it.to_string().as_str())) {
        return Ok(());
    }
    let reading = cx.runner.read_within(&query.registry_platforms(), PATIENCE);
    let there = reading.ok().filter(|it| it.exit.success()).and_then(|it| docker::image_platforms(&it.stdout));
    let known = match (there, local) {
        (Some(there), local) => Some(there.into_iter().chain(local).collect::<Vec<_>>()),
        (None, local) => local.map(|it| vec![it]),
    };
    Ok(crate::require_base(&image, known.as_deref(), &others)?)
}

/// Fails where containers of another platform cannot run here.
pub fn require_emulator(cx: &Context, platform: &Platform) -> Result<()> {
    let table = || cx.runner.read(&Builder::table_query()).map(|it| it.stdout);
    let answer = match cx.runner.read(&Builder::query())? {
        reading if reading.exit.success() => reading.stdout,
        _ => table()?,
    };
    // The daemon lists what it can build for, which is what it can run.
    let listed = Builder::parse(&answer).into_iter().filter(Builder::is_daemon).flat_map(|it| it.platforms);
    let listed: Vec<String> = listed.collect();
    ensure!(
        listed.is_empty() || listed.contains(&platform.to_string()),
        "this machine cannot run programs for {platform}: the Docker daemon has {} (fix: {})",
        listed.join(", "),
        System::detect().install_emulators()
    );
    Ok(())
}
