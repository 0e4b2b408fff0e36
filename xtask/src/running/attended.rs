//! A command in the dev container that ends with its client.

use anyhow::{Result, ensure};

use containers::{AgentRelay, Lease, LeaseKind};
use docker::{Container, ExecRequest, Terminal};
use inputs::Project;
use process::{EnvArg, Exit, Outcome, StopSignal};

use super::dev_environment::require_running;

/// How `signal.sh` ends where the command has not started yet.
const NOT_STARTED_YET: Exit = Exit::Code(3);

/// How Docker's client ends where it cannot start a command.
const REFUSED: Exit = Exit::Code(1);

/// Runs a command and waits for it, so that a signal to this process is one to the command, and the command ends with this
/// process, even if that is killed. What is to be said is worked out by `warn` while Docker starts the command.
pub fn attend(project: &Project, request: &ExecRequest, warn: &dyn Fn()) -> Result<Outcome> {
    let (cx, container) = (project.cx, request.container);
    let warn = if request.terminal == Terminal::Interactive {
        // A line in the midst of what a program draws would spoil it.
        warn();
        None
    } else {
        Some(warn)
    };
    containers::end_abandoned(cx);
    let lease = Lease::acquire(cx, &project.settings, LeaseKind::Exec)?;
    let agent = AgentRelay::start(project);
    // What the command line says comes last, and wins.
    let passed: Vec<EnvArg> = agent.iter().map(AgentRelay::variable).chain(request.passed.iter().cloned()).collect();
    let request = ExecRequest { lease: lease.as_ref().map(Lease::name), passed: &passed, ..request.clone() };
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
    let ended = cx.runner.attend(&request.invocation(), relay, || warn.map_or((), |it| it()));
    if let Some(lease) = lease {
        lease.release(cx);
    }
    let ended = ended?;
    // A command may end like this, too.
    if ended == REFUSED {
        require_same(project, container)?;
    }
    Ok(Outcome::Ended(ended))
}

/// Fails where this is not the dev container any more, or does not run, and says so.
fn require_same(project: &Project, container: &Container) -> Result<()> {
    let current = require_running(containers::find_dev(project)?)?;
    ensure!(current.id == container.id, "the dev container was made anew meanwhile; run the command again");
    Ok(())
}
