//! Nothing is left behind, however the client ends.

use std::time::{Duration, Instant};

use crate::support::docker::has_container;
use crate::support::{Running, Subject, Suite, trials, wait_for};

/// What is promised.
const LIMIT: Duration = Duration::from_secs(10);

pub fn trials() -> Subject {
    trials![
        a_killed_run_leaves_no_container,
        a_killed_run_leaves_no_container_though_its_command_ignores_sigterm,
        a_killed_command_in_the_dev_image_leaves_no_container,
    ]
}

fn a_killed_run_leaves_no_container(suite: &Suite) {
    is_gone(suite, "run", "print(socket.gethostname(), flush=True); time.sleep(600)");
}

fn a_killed_run_leaves_no_container_though_its_command_ignores_sigterm(suite: &Suite) {
    let code =
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(socket.gethostname(), flush=True); time.sleep(600)";
    is_gone(suite, "run", code);
}

fn a_killed_command_in_the_dev_image_leaves_no_container(suite: &Suite) {
    is_gone(suite, "dev", "print(socket.gethostname(), flush=True); time.sleep(600)");
}

/// The code prints the host's name first, which is the container's id.
fn is_gone(suite: &Suite, verb: &str, code: &str) {
    let code = format!("import signal, socket, time; {code}");
    let running = Running::start(suite.repository.program([verb, "--", "python", "-c", &code]));
    let container = running.greeting.clone();
    assert!(has_container(&container), "`{container}` is no container");
    let start = Instant::now();
    assert_eq!(running.end_by("KILL"), 137);
    wait_for("the container to be gone", || (!has_container(&container)).then_some(()));
    assert!(start.elapsed() < LIMIT, "it took {:?}", start.elapsed());
}
