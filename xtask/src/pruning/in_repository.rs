//! Files that this tool has made and can make again.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use images::size::Bytes;
use process::files::{RepositoryLock, freed_by_removing, is_locked};
use project::Context;

use super::{Prunable, Removal};

/// How the files begin that `docker save` writes to before an archive is whole, of older clients and of newer ones.
const UNFINISHED_ARCHIVES: [&str; 2] = [".docker_temp_", ".tmp-saved.tar"];

/// What is out of date below `target/xtask/`, and what commands that were ended have left there and of the native environment.
/// It stays what it is until the locks are dropped; the caller holds the repository's, too.
pub fn find_in_repository(cx: &Context) -> Result<(Vec<Prunable>, Vec<RepositoryLock>)> {
    let of_prefix = prefixes::leftovers(cx)?.into_iter().map(|it| (it, "left by a `build` that was ended"));
    let of_prefix = of_prefix.map(|(path, why)| prunable(cx, &path, why, Removal::Prefix));
    let (tools, locks) = solving::unneeded_tools(cx)?;
    let paths = tools.into_iter().chain(left_by_ended_commands(cx));
    let paths = paths.map(|(path, why)| prunable(cx, &path, why, Removal::Path(path.clone())));
    Ok((of_prefix.chain(paths).collect(), locks))
}

fn left_by_ended_commands(cx: &Context) -> Vec<(Utf8PathBuf, &'static str)> {
    let layout = &cx.layout;
    let mut paths = vec![
        (layout.base_files(), "left by a `base` that was ended"),
        (layout.rebuilt_prefix(), "left by a `verify` that was ended"),
        (layout.saved_images(), "left by a `build --output` that was ended"),
        (layout.local_caches(), "the local build cache"),
    ];
    if !is_locked(&layout.bench_lock()) {
        paths.push((layout.bench_files(), "left by a `bench` that was ended"));
    }
    let entries = layout.work().read_dir_utf8().into_iter().flatten().flatten();
    let unfinished = entries.filter(|it| UNFINISHED_ARCHIVES.iter().any(|start| it.file_name().starts_with(start)));
    paths.extend(unfinished.map(|it| (it.into_path(), "left by a `build --output` that was ended")));
    paths.retain(|(path, _)| path.exists());
    paths
}

fn prunable(cx: &Context, path: &Utf8Path, why: &str, removal: Removal) -> Prunable {
    let shown = cx.layout.relative(path).into_string();
    Prunable { shown, why: why.to_owned(), size: Bytes(freed_by_removing(path)), removal }
}
