//! Whether a daemon on another machine sees the directories that containers mount.

use anyhow::{Result, bail};

use docker::{Endpoint, VisibilityProbe};
use inputs::{DaemonChoice, Project};
use project::Context;

use super::{Lease, LeaseKind};

/// Fails where the daemon is elsewhere and does not have this machine's files: containers would have none of the project's, or
/// others that have the same path there. A daemon of this machine is not asked.
pub fn require_visible_directories(project: &Project, image: &str) -> Result<()> {
    let cx = project.cx;
    let Some(endpoint) = remote_endpoint(cx) else { return Ok(()) };
    // The daemon cannot have a file that was just made, unless it sees this one.
    let Some(lease) = Lease::acquire(cx, &project.settings, LeaseKind::Run)? else { return Ok(()) };
    let local = &project.settings.local;
    let paths = [&lease.path, &local.project, &local.data, &local.outputs, &local.wandb].map(|it| &**it);
    let probe = VisibilityProbe { image, lease: lease.name(), paths: &paths };
    let answer = cx.runner.change(&probe.creation());
    if let Ok(answer) = &answer
        && answer.exit.success()
    {
        cx.runner.clean_up(&VisibilityProbe::removal(&answer.stdout))?;
    }
    let checkout = lease.path.clone();
    lease.release(cx);
    let answer = answer?;
    let Some(missing) = VisibilityProbe::missing_path(&answer.stderr) else { return Ok(()) };
    let missing = if missing == checkout { cx.layout.root().as_str() } else { missing };
    bail!(
        "the Docker daemon at {} does not see `{missing}` of this machine, which containers mount (fix: {}; or run `cargo xtask` on \
         the daemon's machine; or keep the repository, data and outputs on a file system that both machines have at the same path)",
        endpoint.address,
        endpoint.switch_to_local()
    )
}

/// Where the daemon is, unless that is this machine.
fn remote_endpoint(cx: &Context) -> Option<Endpoint> {
    if DaemonChoice::read(&cx.host).is_default() {
        return None;
    }
    let answer = cx.runner.read(&Endpoint::query()).ok()?;
    Some(Endpoint::new(&answer.stdout, cx.host.get("DOCKER_HOST"))).filter(|it| !it.is_local())
}
