//! What to say where a program found no room on a disk.

use anyhow::{Context as _, Error, Result};
use camino::{Utf8Path, Utf8PathBuf};

use docker::{DaemonInfo, Endpoint};
use environment::MissingFile;
use process::{Invocation, ProcessError};
use project::{Context, DiskSpace};

const FIX: &str = "`cargo xtask prune`";

/// Where a program wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// Docker's daemon and its builder.
    Docker,
    /// This machine: the repository, caches and temporary files.
    Host,
}

/// Runs a child that writes on this machine and must succeed. Where it finds a disk full, the error says which; where it misses
/// a header or a program, the package that has it is named.
pub fn run_on_host(cx: &Context, invocation: &Invocation) -> Result<()> {
    let mut said = Vec::new();
    let result = cx.runner.succeed_and_listen(invocation, &mut |it| said.extend_from_slice(it));
    let said = String::from_utf8_lossy(&said);
    match result {
        Err(error @ ProcessError::Failed { .. }) if DiskSpace::is_missing_in(&said) => {
            Err(error).context(explain_full_disk(cx, Writer::Host))
        }
        Err(error @ ProcessError::Failed { .. }) => {
            for missing in MissingFile::all_in(&said) {
                cx.ui.notice(missing.on_this_machine());
            }
            Err(error.into())
        }
        other => Ok(other?),
    }
}

/// What failed because a disk of this machine is full, with which one it is.
pub fn with_full_disk(cx: &Context, error: Error) -> Error {
    let is_explained = error.chain().any(|it| it.to_string().contains(FIX));
    if is_explained || !DiskSpace::is_missing_in(&format!("{error:#}")) {
        return error;
    }
    error.context(explain_full_disk(cx, Writer::Host))
}

/// In words, for where something was not written because of it: which disk was full, how much is free now, and what makes room.
pub fn explain_full_disk(cx: &Context, writer: Writer) -> String {
    let directories = match writer {
        Writer::Docker => docker_directory(cx).into_iter().collect(),
        Writer::Host => host_directories(cx),
    };
    let shown = if directories.is_empty() { None } else { shown(&spaces(cx, &directories)) };
    let place = match (writer, shown) {
        // A step that failed has removed what it had written.
        (Writer::Docker, Some(disks)) => format!("the disk was full; free now: {disks}"),
        (Writer::Host, Some(disks)) => format!("a disk was full; free now: {disks}"),
        (Writer::Docker, None) => "the disk of the Docker daemon is full".to_owned(),
        (Writer::Host, None) => "a disk of this machine is full".to_owned(),
    };
    format!("{place}; {FIX} removes what this project no longer needs")
}

fn spaces(cx: &Context, directories: &[Utf8PathBuf]) -> Vec<DiskSpace> {
    let query = DiskSpace::query(directories.iter().map(Utf8PathBuf::as_path));
    cx.runner.read(&query).map(|it| DiskSpace::parse(&it.stdout)).unwrap_or_default()
}

/// Each disk once.
fn shown(spaces: &[DiskSpace]) -> Option<String> {
    let mut disks: Vec<String> = Vec::new();
    for space in spaces {
        let disk = format!("{space} at `{}`", space.mount);
        if !disks.contains(&disk) {
            disks.push(disk);
        }
    }
    (!disks.is_empty()).then(|| disks.join(", "))
}

/// The directory of the daemon's data, where that is on this machine.
pub fn docker_directory(cx: &Context) -> Option<Utf8PathBuf> {
    let answer = cx.runner.read(&Endpoint::query()).map(|it| it.stdout).unwrap_or_default();
    if !Endpoint::new(&answer, cx.host.get("DOCKER_HOST")).is_local() {
        return None;
    }
    let info = DaemonInfo::parse(&cx.runner.read(&DaemonInfo::query()).ok()?)?;
    if info.is_desktop() { None } else { Some(Utf8PathBuf::from(info.root)).filter(|it| it.is_dir()) }
}

/// Where this tool, uv and conda's installer write.
fn host_directories(cx: &Context) -> Vec<Utf8PathBuf> {
    let path = |name: &str| cx.host.get(name).map(Utf8PathBuf::from).filter(|it| it.is_absolute());
    let cache = path("UV_CACHE_DIR").or_else(|| path("XDG_CACHE_HOME")).or_else(|| Some(path("HOME")?.join(".cache")));
    let temporary = path("TMPDIR").unwrap_or_else(|| Utf8Path::new("/tmp").to_owned());
    [Some(cx.layout.root().to_owned()), cache, Some(temporary)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_told_once_however_many_directories_are_on_it() {
        let spaces =
            DiskSpace::parse("\n/dev/a 9 9 20480 99% /\n/dev/b 9 9 4194304 50% /home\n/dev/a 9 9 20480 99% /\n");
        assert_eq!(shown(&spaces).unwrap(), "20 MiB at `/`, 4 GiB at `/home`");
        assert_eq!(shown(&[]), None);
    }
}
