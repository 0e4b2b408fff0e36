//! A command in the dev container that ends with its client.

use anyhow::Result;

use containers::{Lease, LeaseKind};
use docker::ExecRequest;
use inputs::Project;
use process::{Exit, Outcome, StopSignal};

/// How `signal.sh` ends where the command has not started yet.
const NOT_STARTED_YET: Exit = Exit::Code(3);

/// Runs a command and waits for it, so that a signal to this process is one to the command, and the command ends with this
/// process, even if that is killed.
pub fn attend(project: &Project, request: &ExecRequest) -> Result<Outcome> {
    let cx = project.cx;
    containers::end_abandoned(cx);
    let lease = Lease::acquire(cx, &project.settings, LeaseKind::Exec)?;
    let request = ExecRequest { lease: lease.as_ref().map(Lease::name), ..request.clone() };
    let signals = StopSignal::ALL.map(|it| (it, request.signal(it)));
    let (runner, ui) = (cx.runner, cx.ui);
    let relay = move |signal| {
        let sent =
            signals.iter().find(|it| it.0 == signal).and_then(|it| runner.clean_up(&it.1).ok()).map(|it| it.exit);
        // The watcher of a command that starts later finds that its client is gone.
        if !matches!(sent, Some(Exit::SUCCESS | NOT_STARTED_YET)) {
            ui.notice(
                "the command cannot be told, and may go on: its container is older; `cargo xtask up --build --recreate` renews it",
            );
        }
        sent == Some(Exit::SUCCESS)
    };
    let ended = cx.runner.attend(&request.invocation(), relay);
    if let Some(lease) = lease {
        lease.release(cx);
    }
    Ok(Outcome::Ended(ended?))
}
