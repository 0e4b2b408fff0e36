//! Nothing is left behind, however the client ends.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crate::support::docker::{OWN_ID, answer, containers_of, has_container};
use crate::support::{DevContainer, Repository, Running, Subject, Suite, bounded, host_variable, trials, wait_for};

/// What is promised.
const LIMIT: Duration = Duration::from_secs(10);

pub fn trials() -> Subject {
    trials![
        a_killed_run_leaves_no_container,
        a_killed_run_leaves_no_container_though_its_command_ignores_sigterm,
        a_killed_command_in_the_dev_image_leaves_no_container,
        a_client_killed_before_its_container_starts_leaves_none_after_the_next_call,
        a_client_killed_while_its_container_starts_leaves_none,
        a_signal_to_exec_is_one_to_its_command,
        a_killed_exec_leaves_no_process,
        what_a_finished_command_has_left_in_the_background_goes_on,
    ]
}

fn a_killed_run_leaves_no_container(suite: &Suite) {
    is_gone(suite, "run", "");
}

fn a_killed_run_leaves_no_container_though_its_command_ignores_sigterm(suite: &Suite) {
    is_gone(suite, "run", "signal.signal(signal.SIGTERM, signal.SIG_IGN)");
}

fn a_killed_command_in_the_dev_image_leaves_no_container(suite: &Suite) {
    is_gone(suite, "dev", "");
}

fn a_client_killed_before_its_container_starts_leaves_none_after_the_next_call(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    killed_after(&repository, "create");
    let [container] = &containers_of(&repository.compose_project())[..] else { panic!("one container was created") };
    assert_eq!(answer(["container", "inspect", "--format={{.State.Status}}", container]), "created");

    let next = repository.run(["true"]).assert().success();
    let told = String::from_utf8_lossy(&next.get_output().stderr).into_owned();
    assert!(told.contains("xtask: removed the container `") && told.contains("`, whose client was killed\n"), "{told}");
    assert!(!has_container(container));
    repository.run(["true"]).assert().success().stderr("");
}

fn a_client_killed_while_its_container_starts_leaves_none(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    killed_after(&repository, "run --detach");
    wait_for("the container to be gone", || containers_of(&repository.compose_project()).is_empty().then_some(()));
}

/// Starts a command that would go on, and kills the client when Docker has done this, and before it can do more.
fn killed_after(repository: &Repository, verb: &str) {
    let script = format!(
        "#!/bin/sh\nPATH=${{PATH#*:}}\n[ \"$1\" = run ] || exec docker \"$@\"\nshift\ndocker {verb} \"$@\"\nkill -KILL $$\n"
    );
    let directory = repository.directory("client");
    let client = directory.join("docker");
    fs::write(&client, script).unwrap();
    fs::set_permissions(&client, Permissions::from_mode(0o755)).unwrap();
    let mut run = repository.program(["run", "--", "sleep", "600"]);
    let path = host_variable("PATH").unwrap();
    run.env("PATH", format!("{}:{path}", directory.display()));
    assert!(!bounded(run).output().unwrap().status.success());
}

fn a_signal_to_exec_is_one_to_its_command(suite: &Suite) {
    let container = started(suite, "exec-signal");
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let running = executing(&container, "import time; print('ready', flush=True); time.sleep(600)");
        assert_eq!(running.end_by(signal), code, "{signal}");
        assert_eq!(pythons(&container), 0, "{signal}");
    }
    // Each is the program's to handle, and may be sent again.
    let code = "
import signal, sys
received = []
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, _: received.append(number))
print('ready', flush=True)
while not received: signal.pause()
sys.exit(7)
";
    for signal in ["TERM", "INT"] {
        assert_eq!(executing(&container, code).end_by(signal), 7, "{signal}");
    }
}

fn a_killed_exec_leaves_no_process(suite: &Suite) {
    let container = started(suite, "exec-killed");
    let deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);";
    for setup in ["", deaf] {
        let code = format!("{setup}import time; print('ready', flush=True); time.sleep(600)");
        assert_eq!(executing(&container, &code).end_by("KILL"), 137);
        wait_for("the command to be gone", || (pythons(&container) == 0).then_some(()));
    }
    container.xtask(&["exec", "--", "true"]).assert().success().stderr("");
}

fn what_a_finished_command_has_left_in_the_background_goes_on(suite: &Suite) {
    let container = started(suite, "exec-background");
    let script = "python -c 'import time; time.sleep(600)' </dev/null >/dev/null 2>&1 &";
    container.xtask(&["exec", "--", "sh", "-c", script]).assert().success();
    // Nobody waits for its client any more.
    wait_for("the watcher to be gone", || {
        (processes(&container, "flock") + processes(&container, "lease.sh") == 0).then_some(())
    });
    assert_eq!(pythons(&container), 1);
}

/// A running dev container that belongs to the caller.
fn started(suite: &Suite, label: &str) -> DevContainer {
    let container = DevContainer::of_caller(Repository::copy_with_images_of(&suite.repository), label);
    container.xtask(&["up"]).assert().success();
    container
}

fn executing(container: &DevContainer, code: &str) -> Running {
    let mut exec = container.repository.program(["exec", "--", "python", "-c", code]);
    container.environment(&mut exec);
    Running::start(exec)
}

fn pythons(container: &DevContainer) -> usize {
    processes(container, "python")
}

/// How many processes of a name there are in a container.
fn processes(container: &DevContainer, name: &str) -> usize {
    let names = answer(["exec", &container.name(), "sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null || true"]);
    names.lines().filter(|it| it.starts_with(name)).count()
}

/// Starts something that would go on, and kills its client.
fn is_gone(suite: &Suite, verb: &str, setup: &str) {
    let code = format!(
        "import signal, subprocess, time\n{setup}\nprint(subprocess.check_output({OWN_ID:?}, text=True), end='', flush=True)\ntime.sleep(600)"
    );
    let running = Running::start(suite.repository.program([verb, "--", "python", "-c", &code]));
    let container = running.greeting.trim_start_matches("containers/").to_owned();
    assert!(has_container(&container), "`{container}` is no container");
    let start = Instant::now();
    assert_eq!(running.end_by("KILL"), 137);
    wait_for("the container to be gone", || (!has_container(&container)).then_some(()));
    assert!(start.elapsed() < LIMIT, "it took {:?}", start.elapsed());
}
