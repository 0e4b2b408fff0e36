//! Reads what is installed, by running a probe with the environment's own Python.

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use docker::{Container, ContainerState, ImageQuery};
use environment::{
    AptList,
    lock::BaseImage,
    snapshot::{Snapshot, probe_arguments, probe_arguments_with_files, probe_arguments_with_system},
};
use images::{NearestImage, Target};
use inputs::{Engine, Project};
use process::Invocation;
use project::{Context, EngineChoice};

/// The Python of the environment in every image.
pub(super) const PYTHON: &str = "/opt/env/bin/python";

/// Whose environment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotSource {
    /// The running dev container.
    Container,
    /// A container started for it from the dev image or the runtime image, whichever is no older than the files.
    Image,
    /// The prefix in the repository.
    Native,
    /// The container that this program itself runs in.
    Here,
}

/// A snapshot, and where it was read.
#[derive(Debug)]
pub struct SourcedSnapshot {
    pub snapshot: Snapshot,
    /// The environment in words, such as "the image `x`".
    pub place: String,
    /// What the image was built from; `None` for a prefix.
    pub base_image: Option<BaseImage>,
    /// The full id of the dev container, if that was read.
    pub container: Option<String>,
    /// What has changed in the dependency files since the image was built, in a few words.
    changes: Option<String>,
}

impl SourcedSnapshot {
    /// Warns in a line where the image that was read is older than the dependency files.
    pub fn warn_if_older(&self, cx: &Context) {
        if let Some(changes) = &self.changes {
            let place = &self.place;
            cx.ui.notice(format_args!(
                "warning: {place} is older than the dependency files ({changes}): cargo xtask build"
            ));
        }
    }
}

/// How to start the interpreter of an environment, wherever that is.
struct EnvironmentPython {
    python: Invocation,
    /// The environment in words.
    place: String,
    is_in_image: bool,
    /// The full id of the dev container, if it is that one.
    container: Option<String>,
    /// What has changed in the dependency files since its image was built, in a few words.
    changes: Option<String>,
}

/// Reads a source, or without one the dev container if it runs, else an image, else the prefix.
pub fn read_snapshot(project: &Project, source: Option<SnapshotSource>) -> Result<SourcedSnapshot> {
    let EnvironmentPython { python, place, is_in_image, container, changes } = interpreter(project, source)?;
    let packages = project.intent.apt.values().flat_map(AptList::iter);
    let packages: Vec<String> = packages.map(|(package, _)| package.qualified_name()).collect();
    let probe = python.args(probe_arguments(packages.iter().map(String::as_str)));
    let snapshot = run_probe(project.cx, &probe, &place)?;
    Ok(SourcedSnapshot { snapshot, place, base_image: is_in_image.then(|| base_image(project)), container, changes })
}

/// A snapshot of the image of a target, with every package of its system.
pub fn read_target(project: &Project, target: Target) -> Result<Snapshot> {
    let image = target.image(&project.settings.image);
    if !images::exists(project, &image) {
        bail!("`{image}` has not been built yet: `cargo xtask build {}`", target.name());
    }
    let EnvironmentPython { python, place, .. } = of_image(&image);
    run_probe(project.cx, &python.args(probe_arguments_with_system()), &place)
}

/// A snapshot of an image, with the digests of its files.
pub fn read_image(cx: &Context, image: &str) -> Result<Snapshot> {
    let EnvironmentPython { python, place, .. } = of_image(image);
    run_probe(cx, &python.args(probe_arguments_with_files()), &place)
}

/// A snapshot of a prefix, with the digests of its files.
pub fn read_prefix(cx: &Context, prefix: &Utf8Path) -> Result<Snapshot> {
    let EnvironmentPython { python, place, .. } = of_prefix(cx, prefix);
    run_probe(cx, &python.args(probe_arguments_with_files()), &place)
}

fn interpreter(project: &Project, source: Option<SnapshotSource>) -> Result<EnvironmentPython> {
    match source {
        Some(SnapshotSource::Here) => Ok(EnvironmentPython {
            python: Invocation::new(PYTHON),
            place: "this container".to_owned(),
            is_in_image: true,
            container: None,
            changes: None,
        }),
        Some(SnapshotSource::Native) => of_built_prefix(project.cx),
        Some(SnapshotSource::Container) => {
            let container = running_dev_container(project)?;
            Ok(of_container(&container.context("the dev container is not running: `cargo xtask up` starts it")?))
        }
        Some(SnapshotSource::Image) => of_built_image(project),
        None if project.settings.engine == EngineChoice::Native => of_built_prefix(project.cx),
        None => match running_dev_container(project) {
            Ok(Some(container)) => Ok(of_container(&container)),
            Ok(None) => of_built_image(project),
            Err(error) => match Engine::choose(project.cx, &project.settings)? {
                Engine::Docker | Engine::Podman => Err(error),
                Engine::Native => of_built_prefix(project.cx),
            },
        },
    }
}

fn run_probe(cx: &Context, probe: &Invocation, place: &str) -> Result<Snapshot> {
    let output = cx.runner.read(probe)?;
    if !output.exit.success() {
        bail!("the Python of {place} cannot list what is installed: {}", output.stderr.trim());
    }
    let snapshot = Snapshot::parse(&output.stdout)?;
    for warning in &snapshot.warnings {
        cx.ui.notice(format_args!("warning: {warning}"));
    }
    Ok(snapshot)
}

fn running_dev_container(project: &Project) -> Result<Option<Container>> {
    Ok(containers::find_dev(project)?.filter(|it| it.state == ContainerState::Running))
}

fn of_container(container: &Container) -> EnvironmentPython {
    let python = Invocation::new("docker").args(["exec", &container.id, PYTHON]);
    EnvironmentPython {
        python,
        place: format!("the dev container `{}`", container.name),
        is_in_image: true,
        container: Some(container.id.clone()),
        changes: None,
    }
}

fn of_built_image(project: &Project) -> Result<EnvironmentPython> {
    let nearest = images::nearest_image(project, &[Target::Dev, Target::Runtime]);
    let Some(NearestImage { image, changes }) = nearest else {
        bail!("there is no environment to read: `cargo xtask build` builds one, `cargo xtask up` starts it");
    };
    Ok(EnvironmentPython { changes, ..of_image(&image) })
}

fn of_image(image: &str) -> EnvironmentPython {
    let python = Invocation::new("docker")
        .args(["run", "--rm", "--pull=never", "--network=none", "--entrypoint", PYTHON])
        .arg(image);
    let place = format!("the image `{image}`");
    EnvironmentPython { python, place, is_in_image: true, container: None, changes: None }
}

fn of_built_prefix(cx: &Context) -> Result<EnvironmentPython> {
    let prefix = cx.layout.prefix();
    prefixes::require_not_incomplete(cx)?;
    if !prefix.join("bin/python").exists() {
        bail!("there is no environment in `{}`: `cargo xtask build` builds one", cx.layout.relative(&prefix));
    }
    Ok(of_prefix(cx, &prefix))
}

fn of_prefix(cx: &Context, prefix: &Utf8Path) -> EnvironmentPython {
    let python = cx.host.without_cargo(Invocation::new(prefix.join("bin/python")));
    let place = format!("`{}`", cx.layout.relative(prefix));
    EnvironmentPython { python, place, is_in_image: false, container: None, changes: None }
}

/// The base image of the settings, with its id and digest where the daemon has it.
pub fn base_image(project: &Project) -> BaseImage {
    let image = &project.settings.base_image;
    let name = image.to_string();
    let output = project.cx.runner.read(&ImageQuery { image: &name }.identity()).ok().filter(|it| it.exit.success());
    let answer = output.map(|it| it.stdout).unwrap_or_default();
    let mut words = answer.split_whitespace();
    let id = words.next().map(str::to_owned);
    let pulled = words.next().and_then(|it| it.split_once('@')).map(|(_, digest)| digest);
    let digest = image.digest().or(pulled).map(str::to_owned);
    BaseImage { name, id, digest }
}
