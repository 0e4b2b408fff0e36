//! The container that people develop in.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail, format_err};
use camino::Utf8Path;

use docker::{Container, ContainerState, ImageQuery};
use images::{BuildOrder, BuildPlan, FoundImage, StaleImage, Target};
use inputs::Project;
use process::{IntoSet as _, Invocation};
use project::Context;

use super::{
    ComposeOverlay,
    compose::with_compose,
    create_dev_directories, create_local_directories, forget, git, health, ports, remember, require_overlays,
    require_visible_directories,
    services::{ServiceAction, act_on_services, definition_hash},
};

/// How long the entrypoint may take. Making a home directory and a name takes a fraction of a second; a project on a slow
/// network file system may take longer.
const START_LIMIT: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// How the dev container shall run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpOptions {
    /// A container that has more of them keeps them.
    pub overlays: BTreeSet<ComposeOverlay>,
    /// Build its image first.
    pub build: bool,
    /// Make the container anew without asking where something calls for it.
    pub recreate: bool,
    /// Wait for the health checks too, not only until a command can be started.
    pub wait_until_healthy: bool,
}

impl UpOptions {
    /// With the accelerator of the settings.
    pub fn from_settings(project: &Project) -> Self {
        Self::with_overlays(ComposeOverlay::for_accelerator(project.settings.accelerator))
    }

    /// With the overlays that a container was made with.
    pub fn as_before(container: &Container) -> Self {
        Self::with_overlays(ComposeOverlay::parse_label(&container.overlays))
    }

    fn with_overlays(overlays: BTreeSet<ComposeOverlay>) -> Self {
        Self { overlays, build: false, recreate: false, wait_until_healthy: false }
    }
}

/// Every container of this checkout, running or not.
pub fn list(project: &Project) -> Result<Vec<Container>> {
    let output = project.cx.runner.read(&Container::query(&project.settings.compose_project))?;
    if !output.exit.success() {
        bail!("Docker cannot list the containers: {}", output.stderr.trim());
    }
    Ok(Container::parse(&output.stdout))
}

/// The dev container, if there is one. One that another checkout has made under the same name is an error.
pub fn find_dev(project: &Project) -> Result<Option<Container>> {
    find_dev_among(project.cx, list(project)?)
}

/// [`find_dev`] among containers that were listed already.
pub fn find_dev_among(cx: &Context, containers: Vec<Container>) -> Result<Option<Container>> {
    let dev = containers.into_iter().find(|it| it.service.as_deref() == Some(Target::Dev.name()));
    if let Some(container) = &dev {
        let here = cx.layout.docker();
        let is_here = container.directory.is_empty() || is_same_directory(Utf8Path::new(&container.directory), &here);
        if !is_here {
            bail!(
                "the dev container `{}` belongs to another checkout, `{}`; give this one a name of its own: \
                 `cargo xtask env --unset COMPOSE_PROJECT_NAME`",
                container.name,
                container.directory
            );
        }
    }
    Ok(dev)
}

/// One directory may be reached by several paths.
fn is_same_directory(one: &Utf8Path, other: &Utf8Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Makes sure that the dev container runs and is ready for commands. `None` in a dry run.
pub fn up(project: &Project, options: &UpOptions) -> Result<Option<Container>> {
    let image = Target::Dev.image(&project.settings.image);
    let old = find_dev(project)?;
    let targets = [Target::Dev];
    let plan = if options.build {
        BuildPlan::new(project, BuildOrder::ordinary(&targets))?
    } else {
        BuildPlan::to_use(project, &targets, &[])?
    };
    if options.build {
        plan.build(&targets)?;
    } else if old.is_some() {
        plan.warn_if_stale(Target::Dev);
    } else {
        match plan.find_image(Target::Dev, StaleImage::Used) {
            // compose knows the image by the target's name alone.
            FoundImage::Usable(there) if there != image => plan.take_back(Target::Dev, &there)?,
            FoundImage::Usable(_) => {}
            FoundImage::Stale | FoundImage::Missing => plan.build(&targets)?,
        }
    }
    let Some(old) = old else {
        require_overlays(project.cx, &options.overlays, &image)?;
        create_local_directories(project.cx, &project.settings)?;
        create_dev_directories(project.cx, &project.settings)?;
        require_visible_directories(project, &image)?;
        ports::require_free(project, &options.overlays)?;
        create(project, &options.overlays, format!("starting the dev container from `{image}`"))?;
        return wait_until_ready(project, options);
    };
    let present = ComposeOverlay::parse_label(&old.overlays);
    let is_outdated = image_was_rebuilt(project.cx, &old, &image);
    let missing = options.overlays.iter().copied().filter(|it| !present.contains(it)).into_set();
    let reason = if !missing.is_empty() {
        format!("with {}", ComposeOverlay::label(&missing))
    } else if (options.build || options.recreate) && is_outdated {
        "from its new image".to_owned()
    } else if options.recreate && has_changed_settings(project, &old)? {
        "with the new settings".to_owned()
    } else {
        resume(project, &old, is_outdated)?;
        return wait_until_ready(project, options);
    };
    let overlays = options.overlays.iter().chain(&present).copied().into_set();
    require_overlays(project.cx, &overlays, &image)?;
    ports::require_free(project, &missing)?;
    if !options.recreate {
        ask_to_recreate(project.cx, &reason)?;
    }
    let notice = format!("recreating the dev container {reason}; what you installed in it is lost unless you froze it");
    create(project, &overlays, notice)?;
    wait_until_ready(project, options)
}

/// Fails unless a person agrees that a container is removed, with all that runs in it.
fn ask_to_recreate(cx: &Context, reason: &str) -> Result<()> {
    // A dry run removes nothing.
    if cx.is_dry_run() {
        return Ok(());
    }
    let loss = "what runs in it ends, and what you installed in it is lost unless you froze it";
    if !cx.ui.is_interactive() {
        bail!(
            "the dev container would have to be made anew {reason}: {loss} (fix: the same command with `--recreate`, which does it)"
        );
    }
    if !cx.ui.confirms(format_args!("the dev container has to be made anew {reason}: {loss}; go on?")) {
        bail!("the dev container is as it was");
    }
    Ok(())
}

/// Has compose make the container, in place of another one if there is one.
fn create(project: &Project, overlays: &BTreeSet<ComposeOverlay>, notice: String) -> Result<()> {
    project.cx.ui.notice(notice);
    create_local_directories(project.cx, &project.settings)?;
    create_dev_directories(project.cx, &project.settings)?;
    git::write_identity(project)?;
    if let Some(problem) = git::git_place(project).problem() {
        project.cx.ui.notice(problem);
    }
    forget(project.cx);
    with_compose(project, overlays, |compose| act_on_services(project, compose, ServiceAction::Create))
}

/// Starts a container again if it does not run, and says what has changed since it was made.
fn resume(project: &Project, container: &Container, is_outdated: bool) -> Result<()> {
    let ui = project.cx.ui;
    let action = match container.state {
        ContainerState::Running => None,
        ContainerState::Paused => Some(ServiceAction::Unpause),
        ContainerState::Stopped => Some(ServiceAction::Start),
    };
    if let Some(action) = action {
        ui.notice(format_args!("the dev container is {}; starting it again", container.state));
        if container.state == ContainerState::Stopped {
            ports::require_free(project, &ComposeOverlay::parse_label(&container.overlays))?;
        }
        create_dev_directories(project.cx, &project.settings)?;
        run_on_services(project, container, action)?;
    } else {
        ui.notice(format_args!("the dev container is already running, {}", container.status.to_lowercase()));
    }
    if is_outdated {
        ui.notice("its image was rebuilt since; `cargo xtask up --recreate` makes the container anew from it");
    } else if has_changed_settings(project, container)? {
        ui.notice("the settings have changed since; `cargo xtask up --recreate` makes the container anew with them");
    }
    Ok(())
}

/// Whether compose would now make a different container. No, where compose does not answer.
fn has_changed_settings(project: &Project, container: &Container) -> Result<bool> {
    let hash = with_compose(project, &ComposeOverlay::parse_label(&container.overlays), |compose| {
        Ok(definition_hash(project, compose))
    })?;
    let used = read_if_successful(project.cx, &container.hash_query());
    Ok(hash.zip(used).is_some_and(|(hash, used)| !used.is_empty() && hash != used))
}

pub(super) fn read_if_successful(cx: &Context, query: &Invocation) -> Option<String> {
    let output = cx.runner.read(query).ok().filter(|it| it.exit.success())?;
    Some(output.stdout.trim().to_owned())
}

/// Does something with the dev container and the services beside it.
pub fn run_on_services(project: &Project, container: &Container, action: ServiceAction) -> Result<()> {
    forget(project.cx);
    with_compose(project, &ComposeOverlay::parse_label(&container.overlays), |compose| {
        act_on_services(project, compose, action)
    })
}

/// Removes the containers of the compose files with these overlays, and their volumes where that is said.
pub fn remove_services(project: &Project, overlays: &BTreeSet<ComposeOverlay>, volumes: bool) -> Result<()> {
    with_compose(project, overlays, |compose| act_on_services(project, compose, ServiceAction::Remove { volumes }))
}

/// Whether the name `image` means another image now than the one that the container was made from.
pub fn image_was_rebuilt(cx: &Context, container: &Container, image: &str) -> bool {
    let used = read_if_successful(cx, &container.image_query());
    let named = read_if_successful(cx, &ImageQuery { image }.invocation());
    named.is_some() && used != named
}

fn wait_until_ready(project: &Project, options: &UpOptions) -> Result<Option<Container>> {
    // There is no container to wait for.
    if project.cx.is_dry_run() {
        return Ok(None);
    }
    let Some(container) = find_dev(project)? else { bail!("compose did not create a dev container") };
    let start = Instant::now();
    loop {
        let output = project.cx.runner.read(&container.readiness_query())?;
        if output.exit.success() {
            break;
        }
        let has_exited =
            ["is not running", "No such container", "is restarting", "state improper", "no such container"]
                .iter()
                .any(|it| output.stderr.contains(it));
        if has_exited || start.elapsed() > START_LIMIT {
            return Err(startup_error(project.cx, &container, has_exited));
        }
        thread::sleep(POLL_INTERVAL);
    }
    if options.wait_until_healthy {
        health::wait_until_healthy(project)?;
    }
    remember(project, &container);
    Ok(Some(container))
}

/// Prints the end of the container's log, which has the cause.
fn startup_error(cx: &Context, container: &Container, has_exited: bool) -> Error {
    _ = cx.runner.status(&container.logs(false, Some("30")));
    let problem = if has_exited { "has exited" } else { "is not ready" };
    format_err!("the dev container `{}` {problem}; its last output is above", container.name)
}
