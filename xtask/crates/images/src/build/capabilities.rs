//! What the builder, the daemon and registries can do: asked only where a build is out of the ordinary.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use docker::{Builder, CacheKind, DaemonInfo, Export, ImageQuery};
use environment::Platform;
use inputs::Project;
use project::{Context, system::System};

use super::{
    BuildOrder,
    schedule::{BuilderCapabilities, require_base},
};
use crate::foreign;

/// How long a registry may take to say for which platforms it has the base image. The build itself fails later if it never
/// answers.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(15);

/// GitHub sets it for steps that may use its cache.
///
/// <https://docs.docker.com/build/cache/backends/gha/>
const GHA_TOKEN: &str = "ACTIONS_RUNTIME_TOKEN";

pub(super) fn capabilities(cx: &Context, builder: Option<&str>) -> Result<BuilderCapabilities> {
    let builder = inspect_builder(cx, builder)?;
    let info = cx.runner.read(&DaemonInfo::query()).ok().and_then(|it| DaemonInfo::parse(&it));
    Ok(BuilderCapabilities {
        builder,
        has_containerd_store: info.is_some_and(|it| it.has_containerd_store),
        own: Platform::of_containers(),
        system: System::detect(),
    })
}

fn inspect_builder(cx: &Context, name: Option<&str>) -> Result<Builder> {
    let answer = cx.runner.read(&Builder::inspection(name))?;
    let builder = Builder::parse_inspection(&answer.stdout).filter(|_| answer.exit.success());
    builder.with_context(|| {
        let reason = answer.stderr.trim().trim_start_matches("ERROR: ");
        format!("the builder cannot be used: {reason} (fix: docker buildx ls shows the builders)")
    })
}

/// Pushing, and a cache in a registry, need a registry; GitHub's cache needs GitHub.
pub(super) fn require_registry(project: &Project, order: &BuildOrder) -> Result<()> {
    let Project { cx, settings, .. } = project;
    let what = match order.export {
        Export::Push => Some("--push"),
        _ if order.caches.need_registry() => Some("a cache in a registry"),
        _ => None,
    };
    if let (Some(what), None, None) = (what, &settings.registry, order.name) {
        let file = cx.layout.relative(&cx.layout.env_file());
        bail!("{what} needs a registry: set REGISTRY_HOSTNAME in `{file}`, or name the images with --to");
    }
    let uses_gha = order.caches.from.iter().chain(&order.caches.to).any(|it| *it == CacheKind::Gha);
    ensure!(
        !uses_gha || cx.host.get(GHA_TOKEN).is_some(),
        "the cache `gha` works in GitHub's workflows only, and {GHA_TOKEN} is not set (fix: in a workflow, `uses: \
         crazy-max/ghaction-github-runtime@v3` before this step; elsewhere another cache)"
    );
    Ok(())
}

/// Fails where the base image is known to be missing for another platform. The daemon builds from the images that it has,
/// every builder from a registry's.
pub(super) fn require_base_image(project: &Project, builder: &Builder, platforms: &[Platform]) -> Result<()> {
    let Project { cx, settings, .. } = project;
    let others: Vec<Platform> = platforms.iter().filter(|it| foreign(it).is_some()).cloned().collect();
    if others.is_empty() {
        return Ok(());
    }
    let image = settings.base_image.to_string();
    let query = ImageQuery { image: &image };
    let local = cx.runner.read(&query.platform()).ok().filter(|it| it.exit.success() && builder.is_daemon());
    let local = local.map(|it| it.stdout.trim().to_owned());
    if others.iter().all(|it| local.as_deref() == Some(it.to_string().as_str())) {
        return Ok(());
    }
    let answer = cx.runner.read_within(&query.registry_platforms(), REGISTRY_PATIENCE);
    let remote = answer.ok().filter(|it| it.exit.success()).and_then(|it| docker::image_platforms(&it.stdout));
    let known = match (remote, local) {
        (Some(remote), local) => Some(remote.into_iter().chain(local).collect::<Vec<_>>()),
        (None, local) => local.map(|it| vec![it]),
    };
    Ok(require_base(&image, known.as_deref(), &others)?)
}

/// Fails where containers of another platform cannot run here.
pub fn require_emulator(cx: &Context, platform: &Platform) -> Result<()> {
    let table = || cx.runner.read(&Builder::table_query()).map(|it| it.stdout);
    let answer = match cx.runner.read(&Builder::query())? {
        answer if answer.exit.success() => answer.stdout,
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
