//! Starting processes, and waiting no longer than is sensible.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use std::os::unix::process::ExitStatusExt as _;

/// More than the longest build on a slow network.
pub const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);
/// More than anything else takes.
const LIMIT: Duration = Duration::from_secs(3 * 60);
/// More than a container takes to stop on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// A process to be.
#[expect(clippy::disallowed_methods, reason = "the tests stand outside of the program and its `Runner`")]
pub fn command(program: &str) -> Command {
    Command::new(program)
}

/// A process that is killed when it hangs.
pub fn bounded(command: Command) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::from_std(command);
    command.timeout(LIMIT);
    command
}

/// A variable of this process's environment, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "the tests stand outside of the program and its `HostEnvironment`")]
pub fn host_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// Asks again and again until there is an answer.
pub fn wait_for<T>(what: &str, answer: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, answer)
}

/// Likewise, for what may take longer than anything that happens by itself.
pub fn wait_within<T>(limit: Duration, what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(start.elapsed() < limit, "waited in vain for {what}");
        std::thread::sleep(POLL);
    }
}

/// Sends a signal, by its name without SIG, to a process.
pub fn send(signal: &str, process: u32) {
    let mut kill = command("sh");
    kill.args(["-c", r#"kill -s "$0" "$1""#, signal, &process.to_string()]);
    bounded(kill).assert().success();
}

/// The exit code that a shell would report.
pub fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// The user that the tests run as.
pub fn user_id(option: &str) -> u32 {
    let mut id = command("id");
    id.arg(option);
    let output = bounded(id).output().expect("`id` starts");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("`id` prints a number")
}
