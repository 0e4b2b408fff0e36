//! Pushing images to registries, and pulling them.

use anyhow::{Result, anyhow, bail};

use docker::{ImageQuery, PullRequest, PushRequest, RegistryRefusal, TagRequest};
use environment::Platform;
use inputs::Project;
use process::Invocation;
use project::Context;

use crate::{BuildOrder, BuildPlan, ComparedImage, Freshness, ImageName, Tags, Target};

/// Pushes the images of targets with all of their tags, or nothing where one of the images is missing. What is newest in
/// the registry changes last: a push that fails takes no name from the image that is there.
pub fn push(project: &Project, targets: &[Target], to: &ImageName) -> Result<()> {
    let local = ImageName::of(&project.settings.image);
    let tags = targets.iter().map(|it| tags_of(project.cx, &local, *it)).collect::<Result<Vec<_>>>()?;
    for (target, tags) in targets.iter().zip(tags) {
        for tag in tags {
            let (image, remote) = (local.tagged(&tag), to.tagged(&tag));
            if *to != local {
                let newest = local.tagged(target.name());
                project.cx.runner.succeed(&TagRequest { image: &newest, name: &remote }.invocation())?;
            }
            project.cx.ui.notice(format_args!("pushing `{image}` to `{remote}`"));
            if let Some(refused) = transfer(project.cx, &PushRequest { image: &remote }.invocation())? {
                return Err(refused.error(&format!("`{remote}` was not pushed"), to));
            }
        }
    }
    Ok(())
}

/// The tags of the image that is the newest of a target, that name last.
fn tags_of(cx: &Context, name: &ImageName, target: Target) -> Result<Vec<String>> {
    let newest = name.tagged(target.name());
    let answer = cx.runner.read(&ImageQuery { image: &newest }.names())?;
    let names: Vec<String> = serde_json::from_str(&answer.stdout).unwrap_or_default();
    if names.is_empty() {
        bail!("`{newest}` has not been built yet: `cargo xtask build {}`", target.name());
    }
    let others = names.iter().filter_map(|it| it.strip_prefix(&name.tagged("")));
    let mut tags: Vec<String> =
        others.filter(|it| it.starts_with(&format!("{}-", target.name()))).map(str::to_owned).collect();
    tags.push(target.name().to_owned());
    Ok(tags)
}

/// Gets the image of each target that was built from the same inputs, or else the newest that there is, and gives it the
/// name that it would have if it was built here.
pub fn pull(project: &Project, targets: &[Target], from: &ImageName) -> Result<()> {
    let plan = BuildPlan::new(project, BuildOrder::ordinary(targets))?;
    for ComparedImage { target, image, freshness, earlier } in plan.compare() {
        if matches!(freshness, Freshness::UpToDate { .. }) {
            project.cx.ui.notice(format_args!("`{image}` is up to date: nothing to pull"));
        } else if let Some(earlier) = earlier {
            plan.take_back(target, &earlier)?;
        } else if !pull_same_inputs(project, &plan, target, from)? {
            pull_newest(project, target, from)?;
            // It says how what was pulled differs, and what helps.
            plan.warn_if_stale(target);
        }
    }
    Ok(())
}

/// Pulls the image that was built from the same inputs, if the registry has it.
fn pull_same_inputs(project: &Project, plan: &BuildPlan, target: Target, from: &ImageName) -> Result<bool> {
    let platform = &plan.first.platform;
    let tags = Tags::new(target, plan.first.inputs(target).hash(), None, None);
    project.cx.ui.notice(format_args!("looking for `{}`, built from the same inputs", from.tagged(&tags.inputs)));
    // Whoever builds for one other platform has that in the tag.
    for tag in [tags.inputs.clone(), format!("{}-{}", tags.inputs, platform.architecture())] {
        let remote = from.tagged(&tag);
        match transfer(project.cx, &PullRequest { image: &remote, platform }.invocation())? {
            None => {
                give_names(project.cx, &remote, &tags.images(&project.settings.image))?;
                project.cx.ui.notice(format_args!("`{}` is up to date", plan.image(target)));
                return Ok(true);
            }
            Some(Refused { refusal: RegistryRefusal::NotThere | RegistryRefusal::OtherPlatform, .. }) => {}
            Some(refused) => return Err(refused.error(&format!("`{remote}` was not pulled"), from)),
        }
    }
    Ok(false)
}

fn pull_newest(project: &Project, target: Target, from: &ImageName) -> Result<()> {
    let (remote, platform) = (from.tagged(target.name()), Platform::of_containers());
    let build = format!("`cargo xtask build {}`", target.name());
    project.cx.ui.notice(format_args!(
        "`{from}` has no image that was built from the same inputs; pulling its newest, `{remote}`"
    ));
    match transfer(project.cx, &PullRequest { image: &remote, platform: &platform }.invocation())? {
        None => give_names(project.cx, &remote, &[target.image(&project.settings.image)]),
        Some(Refused { refusal: RegistryRefusal::NotThere, .. }) => bail!(
            "`{remote}` does not exist: {build} builds it here, and `cargo xtask push {} --to {from}` shares it",
            target.name()
        ),
        Some(Refused { refusal: RegistryRefusal::OtherPlatform, .. }) => bail!(
            "`{remote}` is not for {platform}: {build} builds it here; `cargo xtask build --platform \
             linux/amd64,linux/arm64 --push` builds it for several platforms"
        ),
        Some(refused) => Err(refused.error(&format!("`{remote}` was not pulled"), from)),
    }
}

fn give_names(cx: &Context, image: &str, names: &[String]) -> Result<()> {
    for name in names.iter().filter(|it| *it != image) {
        cx.runner.succeed(&TagRequest { image, name }.invocation())?;
    }
    Ok(())
}

/// Why a registry did not take or give an image.
struct Refused {
    refusal: RegistryRefusal,
    /// What Docker printed.
    message: String,
}

impl Refused {
    fn error(&self, failure: &str, name: &ImageName) -> anyhow::Error {
        let Self { refusal, message } = self;
        let fix = refusal.fix(name.registry()).map(|it| format!(" (fix: {it})")).unwrap_or_default();
        anyhow!("{failure}: {refusal}: {message}{fix}")
    }
}

fn transfer(cx: &Context, invocation: &Invocation) -> Result<Option<Refused>> {
    let (exit, message) = cx.runner.status_and_stderr(invocation)?;
    Ok((!exit.success()).then(|| Refused { refusal: RegistryRefusal::from_stderr(&message), message }))
}

/// What images are called in a registry: the name that was given, or the images' own where the settings name a registry.
/// `verb` needs it, and `option` gives it.
pub fn shared_name(project: &Project, given: Option<&ImageName>, verb: &str, option: &str) -> Result<ImageName> {
    match (given, &project.settings.registry) {
        (Some(name), _) => Ok(name.clone()),
        (None, Some(_)) => Ok(ImageName::of(&project.settings.image)),
        (None, None) => bail!(
            "`{verb}` needs a registry: set REGISTRY_HOSTNAME in `{}`, or name one with {option}, such as \
             `{option} registry.example.org/lab/study`",
            project.cx.layout.relative(&project.cx.layout.env_file())
        ),
    }
}
