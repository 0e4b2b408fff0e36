//! A process that is looked at while it runs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::process::{code_of, send, wait_for, wait_within};

/// How long a process may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// A process that has printed its first line. It is killed if it is not waited for.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// That line.
    pub greeting: String,
}

impl Running {
    /// Starts a process and waits for its first line.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the process starts");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        // A thread, because reading cannot be given a limit.
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut running = Self { child, greeting: String::new() };
        running.greeting = receiver.recv_timeout(PATIENCE).expect("the process prints a line");
        running
    }

    /// Sends it a signal and waits: the exit code that a shell would report.
    pub fn end_by(mut self, signal: &str) -> i32 {
        send(signal, self.child.id());
        code_of(wait_for("the end of the process", || self.child.try_wait().expect("the process can be waited for")))
    }
}

/// Starts a process and sends it a signal as soon as something has happened: the exit code that a shell would report.
pub fn end_when(mut command: Command, signal: &str, has_happened: impl Fn() -> bool) -> i32 {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the process starts");
    let mut running = Running { child, greeting: String::new() };
    // A build may have to come first.
    wait_within(PATIENCE, "the moment of the signal", || {
        let ended = running.child.try_wait().expect("the process can be waited for");
        assert_eq!(ended, None, "it ended too early");
        has_happened().then_some(())
    });
    running.end_by(signal)
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended, as it should have.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
