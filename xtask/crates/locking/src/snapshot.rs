//! Reads what is installed where people work.

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use docker::{Container, ContainerState, ImageQuery};
use environment::{
    AptList,
    lock::BaseImage,
    snapshot::{Snapshot, probe_arguments, probe_arguments_with_files},
};
use images::Target;
use inputs::{Engine, Project};
use process::Invocation;
use project::{Context, EngineChoice};

/// The Python of the environment in every image.
const PYTHON: &str = "/opt/env/bin/python";

/// Whose environment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotSource {
    /// The dev container's.
    Container,
    /// That of a container made for it from the dev image, or else the runtime image.
    Image,
    /// The prefix in the repository.
    Native,
    /// That of the container which this program itself runs in.
    Here,
}

/// A snapshot, and where it is from.
#[derive(Debug)]
pub struct SourcedSnapshot {
    /// What is installed.
    pub snapshot: Snapshot,
    /// Where, in words.
    pub place: String,
    /// What the image was built from; `None` without one.
    pub base: Option<BaseImage>,
}

/// Takes a snapshot of the dev container if it runs, else of an image, else of the prefix; or of what `from` says.
pub fn take(project: &Project, from: Option<SnapshotSource>) -> Result<SourcedSnapshot> {
    let (invocation, place, is_image) = match from {
        Some(SnapshotSource::Here) => (Invocation::new(PYTHON), "this container".to_owned(), true),
        Some(SnapshotSource::Native) => native(project.cx)?,
        Some(SnapshotSource::Container) => {
            in_container(&running(project)?.context("the dev container does not run: `cargo xtask up`")?)
        }
        Some(SnapshotSource::Image) => in_image(project)?,
        None if project.settings.engine == EngineChoice::Native => native(project.cx)?,
        None => match running(project) {
            Ok(Some(container)) => in_container(&container),
            Ok(None) => in_image(project)?,
            Err(error) => match Engine::choose(project.cx, &project.settings)? {
                Engine::Docker => return Err(error),
                Engine::Native => native(project.cx)?,
            },
        },
    };
    let snapshot = read(project, invocation, &place)?;
    Ok(SourcedSnapshot { snapshot, place, base: is_image.then(|| base_image(project)) })
}

/// What is installed in an image, with the files.
pub fn of_image(cx: &Context, image: &str) -> Result<Snapshot> {
    ask(cx, &python_in(image).args(probe_arguments_with_files()), &format!("the image `{image}`"))
}

/// What is installed in a prefix, with the files.
pub fn of_prefix(cx: &Context, prefix: &Utf8Path) -> Result<Snapshot> {
    let (python, place) = python_of(cx, prefix);
    ask(cx, &python.args(probe_arguments_with_files()), &place)
}

/// Asks the Python of an environment.
fn read(project: &Project, python: Invocation, place: &str) -> Result<Snapshot> {
    let packages = project.intent.apt.values().flat_map(AptList::iter);
    let packages: Vec<String> = packages.map(|(package, _)| package.qualified_name()).collect();
    ask(project.cx, &python.args(probe_arguments(packages.iter().map(String::as_str))), place)
}

fn ask(cx: &Context, probe: &Invocation, place: &str) -> Result<Snapshot> {
    let reading = cx.runner.read(probe)?;
    if !reading.exit.success() {
        bail!("the Python of {place} does not tell what is installed: {}", reading.stderr.trim());
    }
    let snapshot = Snapshot::parse(&reading.stdout)?;
    for warning in &snapshot.warnings {
        cx.ui.notice(format_args!("warning: {warning}"));
    }
    Ok(snapshot)
}

fn running(project: &Project) -> Result<Option<Container>> {
    Ok(containers::find(project)?.filter(|it| it.state == ContainerState::Running))
}

fn in_container(container: &Container) -> (Invocation, String, bool) {
    let python = Invocation::new("docker").args(["exec", &container.id, PYTHON]);
    (python, format!("the dev container `{}`", container.name), true)
}

fn in_image(project: &Project) -> Result<(Invocation, String, bool)> {
    let images = [Target::Dev, Target::Runtime].map(|it| it.image(&project.settings.image));
    let Some(image) = images.iter().find(|it| images::exists(project, it)) else {
        bail!("there is no environment to read: `cargo xtask build` makes one, `cargo xtask up` starts it");
    };
    Ok((python_in(image), format!("the image `{image}`"), true))
}

fn python_in(image: &str) -> Invocation {
    Invocation::new("docker").args(["run", "--rm", "--pull=never", "--network=none", "--entrypoint", PYTHON]).arg(image)
}

fn native(cx: &Context) -> Result<(Invocation, String, bool)> {
    let prefix = cx.layout.prefix();
    if !prefix.join("bin/python").exists() {
        bail!("there is no environment in `{}`: `cargo xtask build` makes one", cx.layout.relative(&prefix));
    }
    let (python, place) = python_of(cx, &prefix);
    Ok((python, place, false))
}

fn python_of(cx: &Context, prefix: &Utf8Path) -> (Invocation, String) {
    let python = cx.host.without_cargo(Invocation::new(prefix.join("bin/python")));
    (python, format!("`{}`", cx.layout.relative(prefix)))
}

/// The base image as the daemon knows it, if it does.
fn base_image(project: &Project) -> BaseImage {
    let name = project.settings.base_image.to_string();
    let reading = project.cx.runner.read(&ImageQuery { image: &name }.identity()).ok().filter(|it| it.exit.success());
    let told = reading.map(|it| it.stdout).unwrap_or_default();
    let mut words = told.split_whitespace();
    let id = words.next().map(str::to_owned);
    let digest = words.next().and_then(|it| it.split_once('@')).map(|(_, digest)| digest.to_owned());
    BaseImage { name, id, digest }
}
