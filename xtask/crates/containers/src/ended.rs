//! Containers that have ended and that nothing starts again.

use anyhow::Result;

use docker::{Container, ContainerState};
use inputs::Project;
use process::Invocation;

use super::{is_read, list};

/// A container to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnneededContainer {
    pub id: String,
    pub name: String,
    pub why: String,
    /// The bytes that were written in it.
    pub size: u64,
    pub removal: Invocation,
}

/// Commands in containers of their own that have ended and, if `is_bench_over`, what a benchmark of this project has left. Also
/// says in words which containers stay although they have ended, and why.
pub fn unneeded_containers(project: &Project, is_bench_over: bool) -> Result<(Vec<UnneededContainer>, Vec<String>)> {
    let runner = project.cx.runner;
    // `start` starts a service again, with all that people have installed in it.
    let (services, jobs): (Vec<_>, Vec<_>) = list(project)?.into_iter().partition(|it| it.service.is_some());
    let of_bench = if is_bench_over {
        runner.read(&Container::query_of_bench(&project.settings.compose_project))?.stdout
    } else {
        String::new()
    };
    let unneeded = |it: &Container, why: String, removal: Invocation| {
        let size = runner.read(&it.size_query()).ok().and_then(|it| it.stdout.trim().parse().ok()).unwrap_or_default();
        UnneededContainer { id: it.id.clone(), name: it.name.clone(), why, size, removal }
    };
    let (unread, jobs): (Vec<_>, Vec<_>) =
        jobs.into_iter().filter(Container::has_ended).partition(|it| it.job.is_some() && !is_read(project.cx, it));
    let ended = jobs.iter().map(|it| unneeded(it, it.status.clone(), it.removal()));
    let left = Container::parse(&of_bench);
    let left = left.iter().map(|it| unneeded(it, "left by a `bench` that was ended".to_owned(), it.forced_removal()));
    let kept = services.iter().filter(|it| it.state == ContainerState::Stopped).map(|it| {
        format!("the container `{}` stays: `cargo xtask start` starts it again, `cargo xtask down` removes it", it.name)
    });
    let unread = unread.iter().filter_map(|it| {
        let name = it.job.as_ref()?;
        Some(format!(
            "the job `{name}` stays, because nobody has read how it ended: `cargo xtask logs {name}` or `wait {name}`"
        ))
    });
    Ok((ended.chain(left).collect(), kept.chain(unread).collect()))
}
