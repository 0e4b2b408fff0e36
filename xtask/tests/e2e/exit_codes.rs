//! How the command ended is how `cargo xtask run` ends.

use crate::support::docker::has_container;
use crate::support::{Running, Subject, Suite, trials, wait_for};

pub fn trials() -> Subject {
    trials![
        the_codes_0_1_and_42_come_through,
        an_unknown_command_gives_127,
        sigterm_gives_143_and_leaves_no_container,
        sigint_gives_130_and_leaves_no_container,
        sigterm_is_the_programs_to_handle,
    ]
}

fn the_codes_0_1_and_42_come_through(suite: &Suite) {
    for code in [0, 1, 42] {
        suite.repository.run(["sh", "-c", &format!("exit {code}")]).assert().code(code).stdout("").stderr("");
    }
}

fn an_unknown_command_gives_127(suite: &Suite) {
    suite.repository.run(["no-such-command"]).assert().code(127).stdout("");
}

fn sigterm_gives_143_and_leaves_no_container(suite: &Suite) {
    ends_with(suite, "import socket, time\nprint(socket.gethostname(), flush=True)\ntime.sleep(600)", "TERM", 143);
}

fn sigint_gives_130_and_leaves_no_container(suite: &Suite) {
    // Python unwinds by KeyboardInterrupt and then ends by the signal, as it does without a container.
    ends_with(suite, "import socket, time\nprint(socket.gethostname(), flush=True)\ntime.sleep(600)", "INT", 130);
}

fn sigterm_is_the_programs_to_handle(suite: &Suite) {
    let code = "
import signal, socket, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(socket.gethostname(), flush=True)
time.sleep(600)
";
    ends_with(suite, code, "TERM", 7);
}

/// The code prints the host's name first, which is the container's id.
fn ends_with(suite: &Suite, code: &str, signal: &str, expected: i32) {
    let running = Running::start(suite.repository.program(["run", "--", "python", "-c", code]));
    let container = running.greeting.clone();
    assert!(has_container(&container), "`{container}` is no container");
    assert_eq!(running.end_by(signal), expected);
    wait_for("the container to be gone", || (!has_container(&container)).then_some(()));
}
