//! Ends what an attended client has started in a container when the client is gone, even if that was killed: the client holds
//! a lock on a file that the container sees, and loses it with its life.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use camino::{Utf8DirEntry, Utf8Path, Utf8PathBuf};

use docker::LeasedContainer;
use process::files;
use project::{Context, Settings};

/// How long Docker may take to create a container for a client that is gone, or a client to lock the file that it has made.
const GRACE_PERIOD: Duration = Duration::from_secs(60);

/// The name of this boot of the kernel. Containers that share the kernel read the same one: random(4).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// What the entrypoint adds to the file of a container that looks after itself, as a line.
const WATCHED: &str = "watched";

/// More than the file has, in bytes.
const LIMIT: u64 = 4096;

/// How long what has a lease may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseKind {
    /// A container of its own, which ends with its client.
    Run,
    /// A container of its own, which goes on without its client once it has been started.
    Background,
    /// A command in the dev container.
    Exec,
}

impl LeaseKind {
    /// The beginning of the file's name.
    fn prefix(self) -> &'static str {
        match self {
            Self::Run => "run-",
            Self::Background => "background-",
            Self::Exec => "exec-",
        }
    }
}

/// The lease of one container or command. A process beside it waits for the same lock (flock(2)): when it gets the lock, the
/// client is gone. Where containers do not see the locks of the host, as on Docker Desktop, it does not wait.
#[derive(Debug)]
pub struct Lease {
    pub path: Utf8PathBuf,
    /// Open and locked.
    pub file: File,
}

impl Lease {
    /// Creates and locks a file. `None` in a dry run.
    pub fn acquire(cx: &Context, settings: &Settings, kind: LeaseKind) -> Result<Option<Self>> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos());
        let path = cx.layout.leases().join(format!("{}{}-{time}", kind.prefix(), std::process::id()));
        let Some(mut file) = cx.files.create_locked(&path)? else { return Ok(None) };
        let identity = identity(&file).and_then(|it| file.write_all(it.as_bytes()));
        identity.with_context(|| format!("cannot write `{path}`"))?;
        // The container adds a line.
        cx.files.change_owner(&path, settings.user.uid, settings.user.gid);
        Ok(Some(Self { path, file }))
    }

    /// The name of the file, which is the lease's.
    pub fn name(&self) -> &str {
        self.path.file_name().unwrap_or_default()
    }

    /// Gives it back: what it was for has ended.
    pub fn release(self, cx: &Context) {
        // One that stays is removed later.
        _ = cx.files.remove_file(&self.path);
    }
}

/// Which file of which kernel it is: `BOOT DEVICE:INODE`. Whoever sees the same sees the same locks.
fn identity(file: &File) -> std::io::Result<String> {
    let metadata = file.metadata()?;
    let boot = files::read_text(Utf8Path::new(BOOT_ID)).unwrap_or_else(|_| "unknown".to_owned());
    Ok(format!("{} {}:{}\n", boot.trim(), metadata.dev(), metadata.ino()))
}

/// Removes what killed clients have left: the files of their leases, and the containers that were created or started without
/// anybody to end them. Docker is asked only where there may be such a container.
pub fn end_abandoned(cx: &Context) {
    if cx.is_dry_run() {
        return;
    }
    let entries = cx.layout.leases().read_dir_utf8().into_iter().flatten().flatten();
    let abandoned: Vec<_> = entries.filter_map(|it| AbandonedLease::find(&it)).collect();
    let suspects: Vec<&str> = abandoned.iter().filter(|it| it.may_have_container).map(AbandonedLease::name).collect();
    let is_settled = suspects.is_empty() || remove_containers_of(cx, &suspects);
    for lease in abandoned {
        if lease.is_over && (is_settled || !lease.may_have_container) {
            // A file that cannot be removed does no harm.
            _ = cx.files.remove_file(&lease.path);
        }
    }
}

/// Removes the container of a lease that Docker has created and could not start. No other one, whatever its name.
pub fn remove_unstarted(cx: &Context, lease: &str) -> Result<()> {
    let answer = cx.runner.read(&LeasedContainer::query())?;
    for container in LeasedContainer::parse(&answer.stdout) {
        if container.lease == lease && !container.was_started {
            cx.runner.clean_up(&container.removal())?;
        }
    }
    Ok(())
}

/// Whether none of these leases has a container any more that its client should have ended or started.
fn remove_containers_of(cx: &Context, leases: &[&str]) -> bool {
    let Ok(answer) = cx.runner.read(&LeasedContainer::query()) else { return false };
    let mut is_settled = answer.exit.success();
    let containers = LeasedContainer::parse(&answer.stdout);
    let goes_on = |it: &LeasedContainer| it.lease.starts_with(LeaseKind::Background.prefix()) && it.was_started;
    for container in containers.iter().filter(|it| leases.contains(&it.lease.as_str()) && !goes_on(it)) {
        let is_removed = cx.runner.clean_up(&container.removal()).is_ok_and(|it| it.exit.success());
        is_settled &= is_removed;
        if is_removed {
            cx.ui.notice(format_args!("removed the container `{}`, whose client was killed", container.name));
        }
    }
    is_settled
}

/// A lease that nobody holds.
#[derive(Debug)]
struct AbandonedLease {
    path: Utf8PathBuf,
    /// Whether there may be a container that does not end by itself.
    may_have_container: bool,
    /// Whether nothing can come of it any more.
    is_over: bool,
}

impl AbandonedLease {
    fn find(entry: &Utf8DirEntry) -> Option<Self> {
        let path = entry.path().to_owned();
        let file = files::open_handed(&path).ok()?;
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return None;
        }
        let age = file.metadata().and_then(|it| it.modified()).ok().and_then(|it| it.elapsed().ok());
        let is_old = age.is_some_and(|it| it > GRACE_PERIOD);
        let is_watched = || files::read_handed(&path, LIMIT).is_ok_and(|it| it.lines().any(|line| line == WATCHED));
        let has_container = !entry.file_name().starts_with(LeaseKind::Exec.prefix());
        let may_have_container = has_container && !is_watched();
        Some(Self { may_have_container, is_over: is_old || (has_container && !may_have_container), path })
    }

    fn name(&self) -> &str {
        self.path.file_name().unwrap_or_default()
    }
}
