//! A build whose client is gone while uv is still at work.

use std::time::Duration;

use crate::case::{Case, Subject};
use crate::cases::CASES;
use crate::fault::Fault;
use crate::report::{Extent, Report, again, is_wanted};
use crate::world::within;

/// More than a process takes to start.
const PATIENCE: Duration = Duration::from_secs(5);

/// The builds of which uv installs something.
const NAMES: [&str; 3] = ["build, natively", "build anew, natively", "change packages, natively"];

/// The client ends by a signal while uv installs. The next build comes at once, and is as if nothing had been.
pub fn the_next_build_is_whole(report: &mut Report, extent: Extent) {
    let cases: Vec<Case> = CASES.into_iter().filter(|it| NAMES.contains(&it.name)).collect();
    for case in cases {
        let subject = Subject::new(case);
        for fault in extent.of(faults(&subject), 1).into_iter().filter(is_wanted) {
            let harms = subject.attempt_with(
                &fault,
                |world| world.repository.stand_ins.note("lingers", ""),
                |world| {
                    // The note is for the uv that was started; where that is gone already, nobody takes it.
                    let note = world.repository.temp("state/lingers");
                    within(PATIENCE, || (!note.exists() || !world.has_processes()).then_some(()));
                    _ = std::fs::remove_file(note);
                },
            );
            report.add(
                &format!("`{}` and {fault} while uv installs", case.name),
                &again("uv outlives its client", &fault),
                &harms,
            );
        }
    }
}

/// Each signal while the client waits for uv to install the packages, and then the project: its last two children.
fn faults(subject: &Subject) -> Vec<Fault> {
    let waiting: Vec<_> = subject.calls.iter().filter(|it| ["wait4", "waitid"].contains(&it.name.as_str())).collect();
    let last = &waiting[waiting.len().saturating_sub(2)..];
    let signals = ["KILL", "TERM", "HUP", "INT"];
    signals.iter().flat_map(|signal| last.iter().map(|call| Fault::Signal { signal, call: (*call).clone() })).collect()
}
