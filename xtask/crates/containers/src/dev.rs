//! The container that people live in.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail, format_err};
use camino::Utf8Path;

use docker::{Compose, Container, ContainerState, ImageQuery, Plugin};
use images::{BuildOrder, BuildPlan, Freshness, Target};
use inputs::{Project, explain_unavailable};
use process::Invocation;
use project::Context;

use super::{ComposeOverlay, compose, dev_files, devices, health, jupyter, local_directories};

/// How long the entrypoint may take. Making a home directory and a name takes a fraction of a second; a project on a slow
/// network file system may take longer.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(40);

/// What is wanted of the dev container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpOptions {
    /// What it has besides its own settings.
    pub extras: BTreeSet<ComposeOverlay>,
    /// Build its image first.
    pub build: bool,
    /// Wait until every service is healthy.
    pub until_healthy: bool,
}

impl UpOptions {
    /// The container as the settings have it.
    pub fn plain(inputs: &Project) -> Self {
        Self { extras: ComposeOverlay::of(inputs.settings.accelerator), build: false, until_healthy: false }
    }
}

/// Every container of this checkout.
pub fn containers(project: &Project) -> Result<Vec<Container>> {
    let reading = project.cx.runner.read(&Container::query(&project.settings.compose_project))?;
    if !reading.exit.success() {
        bail!("Docker does not tell its containers: {}", reading.stderr.trim());
    }
    Ok(Container::parse(&reading.stdout))
}

/// The dev container, if there is one. One that another checkout has made under the same name is an error.
pub fn find(project: &Project) -> Result<Option<Container>> {
    of(project.cx, containers(project)?)
}

/// The dev container among those of this checkout.
pub fn of(cx: &Context, containers: Vec<Container>) -> Result<Option<Container>> {
    let found = containers.into_iter().find(|it| it.service.as_deref() == Some(Target::Dev.name()));
    if let Some(container) = &found {
        let here = cx.layout.docker();
        let is_here = container.directory.is_empty() || is_same(Utf8Path::new(&container.directory), &here);
        if !is_here {
            bail!(
                "the dev container `{}` belongs to another checkout, `{}`; give this one a name of its own: \
                 cargo xtask env --unset COMPOSE_PROJECT_NAME",
                container.name,
                container.directory
            );
        }
    }
    Ok(found)
}

/// One directory may be reached by several paths.
fn is_same(one: &Utf8Path, other: &Utf8Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Makes sure that the dev container runs and is ready for commands; it is `None` in a dry run.
pub fn up(project: &Project, wish: &UpOptions) -> Result<Option<Container>> {
    let image = Target::Dev.image(&project.settings.image);
    let old = find(project)?;
    let targets = [Target::Dev];
    let plan = if wish.build {
        BuildPlan::new(project, BuildOrder::ordinary(&targets))?
    } else {
        BuildPlan::to_use(project, &targets, &[])?
    };
    let is_missing = !wish.build && plan.warn_if_stale(Target::Dev) == Freshness::Missing;
    if wish.build || (old.is_none() && is_missing) {
        plan.build(&targets)?;
    }
    let mut extras = wish.extras.clone();
    let mut starting = format!("starting the dev container from `{image}`");
    if let Some(old) = &old {
        let had = ComposeOverlay::of_label(&old.overlays);
        let is_old = is_older(project.cx, old, &image);
        if had.is_superset(&extras) && !(wish.build && is_old) {
            go_on(project, old, is_old)?;
            return ready(project, wish);
        }
        let why = if had.is_superset(&extras) {
            "its image is new".to_owned()
        } else {
            let new: BTreeSet<ComposeOverlay> = extras.difference(&had).copied().collect();
            format!("it gets {}", ComposeOverlay::label(&new))
        };
        extras.extend(had);
        starting = format!(
            "making the dev container anew, because {why}; what was installed in it by hand is gone unless it was frozen"
        );
    }
    devices::require(project.cx, &extras, &image)?;
    if extras.contains(&ComposeOverlay::Jupyter) {
        jupyter::require(project.cx, &image)?;
    }
    project.cx.ui.notice(starting);
    local_directories::make(project.cx, &project.settings)?;
    dev_files::make(project.cx, &project.settings)?;
    with_compose(project, &extras, |compose| {
        project.cx.runner.succeed(&compose.invocation(["up", "--detach", "--no-build"]))?;
        Ok(())
    })?;
    ready(project, wish)
}

/// Starts a container again that is there, or says that it runs.
fn go_on(project: &Project, container: &Container, is_old: bool) -> Result<()> {
    let verb = match container.state {
        ContainerState::Running => {
            project
                .cx
                .ui
                .notice(format_args!("the dev container is running already, {}", container.status.to_lowercase()));
            None
        }
        ContainerState::Paused => Some("unpause"),
        ContainerState::Stopped => Some("start"),
    };
    if let Some(verb) = verb {
        project.cx.ui.notice(format_args!("the dev container is {}; starting it again", container.state));
        dev_files::make(project.cx, &project.settings)?;
        command(project, container, &[verb])?;
    }
    if is_old {
        project
            .cx
            .ui
            .notice("its image has been built anew since; `cargo xtask up --build` makes a new container of it");
    } else if has_other_settings(project, container)? {
        project
            .cx
            .ui
            .notice("the settings have changed since; `cargo xtask down` and `up` make a new container with them");
    }
    Ok(())
}

/// Whether compose would make another container by now. Where it does not tell, nothing is said.
fn has_other_settings(project: &Project, container: &Container) -> Result<bool> {
    let hash = with_compose(project, &ComposeOverlay::of_label(&container.overlays), |compose| {
        Ok(answer(project.cx, &compose.hash_query(Target::Dev.name())))
    })?;
    let hash = hash.as_deref().and_then(|it| it.strip_prefix(Target::Dev.name())).map(str::trim);
    let used = answer(project.cx, &container.hash_query());
    Ok(hash.zip(used.as_deref()).is_some_and(|(hash, used)| !used.is_empty() && hash != used))
}

/// What a query answers that succeeds.
fn answer(cx: &Context, query: &Invocation) -> Option<String> {
    let reading = cx.runner.read(query).ok().filter(|it| it.exit.success())?;
    Some(reading.stdout.trim().to_owned())
}

/// Does something with every container of the compose files, as they are for this one.
pub fn command(project: &Project, container: &Container, arguments: &[&str]) -> Result<()> {
    with_compose(project, &ComposeOverlay::of_label(&container.overlays), |compose| {
        project.cx.runner.succeed(&compose.invocation(arguments.iter().copied()))?;
        Ok(())
    })
}

/// Calls something with the compose files that describe a dev container.
pub fn with_compose<T>(
    project: &Project,
    extras: &BTreeSet<ComposeOverlay>,
    act: impl FnOnce(&Compose) -> Result<T>,
) -> Result<T> {
    Plugin::Compose.require(&project.cx.runner).map_err(|why| Error::msg(explain_unavailable(project.cx, &why)))?;
    let directory = project.cx.layout.docker();
    act(&compose::compose(project, extras, &directory)?)
}

/// Whether the name of the container's image means another one by now.
pub fn is_older(cx: &Context, container: &Container, image: &str) -> bool {
    let used = answer(cx, &container.image_query());
    let named = answer(cx, &ImageQuery { image }.invocation());
    named.is_some() && used != named
}

/// Waits until a command can be started in the dev container.
fn ready(project: &Project, wish: &UpOptions) -> Result<Option<Container>> {
    if project.cx.is_dry_run() {
        return Ok(None);
    }
    let Some(container) = find(project)? else { bail!("compose made no dev container") };
    let start = Instant::now();
    loop {
        let reading = project.cx.runner.read(&container.readiness_query())?;
        if reading.exit.success() {
            break;
        }
        let has_ended =
            ["is not running", "No such container", "is restarting"].iter().any(|it| reading.stderr.contains(it));
        if has_ended || start.elapsed() > PATIENCE {
            return Err(not_ready(project.cx, &container, has_ended));
        }
        thread::sleep(POLL);
    }
    if wish.until_healthy {
        health::wait(project)?;
    }
    Ok(Some(container))
}

/// Shows what the container has printed, which tells why.
fn not_ready(cx: &Context, container: &Container, has_ended: bool) -> Error {
    _ = cx.runner.status(&container.logs(false, Some("30")));
    let what = if has_ended { "has ended" } else { "is not ready" };
    format_err!("the dev container `{}` {what}; what it printed last is above", container.name)
}
