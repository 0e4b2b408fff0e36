//! Images to registries and from them.

use anyhow::{Result, anyhow, bail};

use docker::{ImageQuery, PullRequest, PushRequest, RegistryRefusal, TagRequest};
use environment::Platform;
use inputs::Project;
use process::Invocation;
use project::Context;

use crate::{BuildOrder, BuildPlan, Freshness, ImageName, Tags, Target, warn_if_stale};

/// Pushes the image of a target with all of its tags. What is newest there changes last: a push that fails takes no name
/// from the image that is there.
pub fn push(project: &Project, target: Target, to: &ImageName) -> Result<()> {
    let own = ImageName::of(&project.settings.image);
    let newest = own.tagged(target.name());
    for tag in tags_of(project.cx, &own, target)? {
        let (image, there) = (own.tagged(&tag), to.tagged(&tag));
        if *to != own {
            project.cx.runner.succeed(&TagRequest { image: &newest, name: &there }.invocation())?;
        }
        project.cx.ui.notice(format_args!("pushing `{image}` to `{there}`"));
        if let Some((refusal, said)) = transfer(project.cx, &PushRequest { image: &there }.invocation())? {
            return Err(refused(&format!("`{there}` was not pushed"), refusal, &said, to));
        }
    }
    Ok(())
}

/// The tags of the image that is the newest of a target, that name last.
fn tags_of(cx: &Context, name: &ImageName, target: Target) -> Result<Vec<String>> {
    let newest = name.tagged(target.name());
    let reading = cx.runner.read(&ImageQuery { image: &newest }.names())?;
    let names: Vec<String> = serde_json::from_str(&reading.stdout).unwrap_or_default();
    if names.is_empty() {
        bail!("`{newest}` has not been built yet: `cargo xtask build {}`", target.name());
    }
    let others = names.iter().filter_map(|it| it.strip_prefix(&name.tagged("")));
    let mut tags: Vec<String> =
        others.filter(|it| it.starts_with(&format!("{}-", target.name()))).map(str::to_owned).collect();
    tags.push(target.name().to_owned());
    Ok(tags)
}

/// Gets the image of a target that was built from the same inputs, or else the newest that there is, and gives it the
/// name that it would have if it was built here.
pub fn pull(project: &Project, target: Target, from: &ImageName) -> Result<()> {
    let platform = Platform::of_containers();
    let own = ImageName::of(&project.settings.image);
    let newest = own.tagged(target.name());
    let targets = [target];
    let plan = BuildPlan::new(project, BuildOrder::ordinary(&targets))?;
    if let [(_, Freshness::UpToDate { .. })] = plan.freshness()[..] {
        project.cx.ui.notice(format_args!("`{newest}` is up to date: nothing to pull"));
        return Ok(());
    }
    let tags = Tags::new(target, &plan.first.inputs(target).hash(), None, None);
    // Whoever builds for one other platform has that in the tag.
    let same = [tags.inputs.clone(), format!("{}-{}", tags.inputs, platform.architecture())];
    project.cx.ui.notice(format_args!("looking for `{}`, built from the same inputs", from.tagged(&tags.inputs)));
    for tag in &same {
        let there = from.tagged(tag);
        match transfer(project.cx, &PullRequest { image: &there, platform: &platform }.invocation())? {
            None => {
                give_names(project.cx, &there, &tags.images(&project.settings.image))?;
                project.cx.ui.notice(format_args!("`{newest}` is up to date"));
                return Ok(());
            }
            Some((RegistryRefusal::NotThere | RegistryRefusal::OtherPlatform, _)) => {}
            Some((refusal, said)) => return Err(refused(&format!("`{there}` was not pulled"), refusal, &said, from)),
        }
    }
    let there = from.tagged(target.name());
    let build = format!("`cargo xtask build {}`", target.name());
    project.cx.ui.notice(format_args!("`{from}` has no image of these inputs; pulling its newest, `{there}`"));
    match transfer(project.cx, &PullRequest { image: &there, platform: &platform }.invocation())? {
        None => {
            give_names(project.cx, &there, &[newest])?;
            // It says how what was pulled differs, and what helps.
            warn_if_stale(project, target, &platform).map(drop)
        }
        Some((RegistryRefusal::NotThere, _)) => bail!(
            "`{from}` has no image of {}: {build} makes it, and `cargo xtask push {} --to {from}` gives it to others",
            target.name(),
            target.name()
        ),
        Some((RegistryRefusal::OtherPlatform, _)) => bail!(
            "`{there}` is not for {platform}: {build} makes one here; `cargo xtask build --platform \
             linux/amd64,linux/arm64 --push` makes one for several platforms"
        ),
        Some((refusal, said)) => Err(refused(&format!("`{there}` was not pulled"), refusal, &said, from)),
    }
}

fn give_names(cx: &Context, image: &str, names: &[String]) -> Result<()> {
    for name in names.iter().filter(|it| *it != image) {
        cx.runner.succeed(&TagRequest { image, name }.invocation())?;
    }
    Ok(())
}

/// What the registry has against it, and its words, if anything.
fn transfer(cx: &Context, invocation: &Invocation) -> Result<Option<(RegistryRefusal, String)>> {
    let (exit, said) = cx.runner.status_and_stderr(invocation)?;
    Ok((!exit.success()).then(|| (RegistryRefusal::from_stderr(&said), said)))
}

fn refused(what: &str, refusal: RegistryRefusal, said: &str, name: &ImageName) -> anyhow::Error {
    let fix = refusal.fix(name.registry()).map(|it| format!(" (fix: {it})")).unwrap_or_default();
    anyhow!("{what}: {refusal}: {said}{fix}")
}

/// What images are called in a registry: the name that was given, or the images' own where the settings name a registry.
pub fn shared_name(project: &Project, given: Option<&ImageName>, what: &str, option: &str) -> Result<ImageName> {
    match (given, &project.settings.registry) {
        (Some(name), _) => Ok(name.clone()),
        (None, Some(_)) => Ok(ImageName::of(&project.settings.image)),
        (None, None) => bail!(
            "there is no registry to {what}: set REGISTRY_HOSTNAME in `{}`, or name one with {option}, such as \
             `{option} registry.example.org/lab/study`",
            project.cx.layout.relative(&project.cx.layout.env_file())
        ),
    }
}
