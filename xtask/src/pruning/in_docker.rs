//! Images and containers.

use anyhow::{Result, ensure};

use docker::{cache_query, cache_size};
use images::{PruneOrder, size::Bytes};
use inputs::{Project, explain_unavailable};
use process::{IntoSet as _, Invocation, files::is_locked};
use project::{Context, EngineChoice};

use super::{Prunable, Removal};

/// What a container that vanishes by itself makes of its removal. The client's words.
const GONE: [&str; 3] = ["no such image", "no such container", "is already in progress"];

/// This project's old images and ended containers, if Docker is there. Says what stays, and why.
pub fn find_in_docker(project: &Project, keep: usize) -> Result<Vec<Prunable>> {
    let cx = project.cx;
    if project.settings.engine == EngineChoice::Native {
        return Ok(Vec::new());
    }
    if let Err(unavailable) = inputs::probe_containers(cx) {
        let why = explain_unavailable(cx, &unavailable);
        cx.ui.notice(format_args!("images and containers stay, because {why}"));
        return Ok(Vec::new());
    }
    let is_bench_over = !is_locked(&cx.layout.bench_lock());
    let (containers, kept_containers) = containers::unneeded_containers(project, is_bench_over)?;
    let removed_containers = containers.iter().map(|it| it.id.clone()).into_set();
    let order = PruneOrder { keep, removed_containers: &removed_containers, is_bench_over };
    let (images, kept_images) = images::unneeded_images(project, &order)?;
    for note in kept_containers.into_iter().chain(kept_images) {
        cx.ui.notice(note);
    }
    show_cache(cx);
    let containers = containers.into_iter().map(|it| Prunable {
        shown: format!("container {}", it.name),
        why: it.why,
        size: Bytes(it.size),
        removal: Removal::Docker(it.removal),
    });
    let images = images.into_iter().map(|it| Prunable {
        shown: format!("image {}", it.shown),
        why: it.why.to_owned(),
        size: it.size,
        removal: Removal::Docker(it.removal),
    });
    Ok(containers.chain(images).collect())
}

/// Says that the build cache stays: it may hold the layers of an image that goes.
fn show_cache(cx: &Context) {
    let answer = cx.runner.read(&cache_query()).map(|it| it.stdout).unwrap_or_default();
    if let Some(size) = cache_size(&answer) {
        cx.ui.notice(format_args!(
            "the build cache, {size}, stays, because it does not tell projects apart; of all of them, `docker buildx prune \
             --filter until=168h` removes what no build has used for a week"
        ));
    }
}

/// Removes something, unless it is gone meanwhile.
pub fn remove(cx: &Context, removal: &Invocation) -> Result<()> {
    let answer = cx.runner.clean_up(removal)?;
    let said = answer.stderr.to_lowercase();
    let is_gone = answer.exit.success() || GONE.iter().any(|it| said.contains(it));
    ensure!(is_gone, "{}", answer.stderr.trim());
    Ok(())
}
