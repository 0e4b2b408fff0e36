//! A command whose stand-in waits in the middle of its work, so that a signal comes at that moment and at no other.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::repository::Repository;

/// After which a command that does not end is killed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a stand-in says before it waits for the end of its input.
const WAITING: &str = "the stand-in waits";

#[derive(Debug)]
pub struct Paused {
    child: Child,
    stdin: ChildStdin,
    stderr: BufReader<ChildStderr>,
}

impl Paused {
    /// Starts the tool, and goes on when a stand-in waits.
    pub fn start(repository: &Repository, arguments: &[&str]) -> Self {
        let mut command = repository.command();
        command.args(arguments);
        Self::start_command(command)
    }

    /// The same for a command that starts the tool.
    pub fn start_command(mut command: Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, mut stderr) = (child.stdin.take().unwrap(), BufReader::new(child.stderr.take().unwrap()));
        let mut said = String::new();
        while !said.ends_with(&format!("{WAITING}\n")) {
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "it ended without having waited: {said}");
        }
        Self { child, stdin, stderr }
    }

    /// Sends the tool alone a signal, by its name without SIG.
    pub fn send(&self, signal: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &process]).status().unwrap();
        assert!(sent.success());
    }

    /// Kills the tool alone. What waits goes on when the gift is dropped, if it lives.
    pub fn kill(mut self) -> ChildStdin {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.stdin
    }

    /// Lets the stand-in go on, and waits for the end.
    pub fn goes_on(self) -> (i32, String) {
        let Self { child, stdin, stderr } = self;
        drop(stdin);
        ended(child, stderr)
    }

    /// Waits for the end, although nothing lets the stand-in go on.
    pub fn ends(self) -> (i32, String) {
        let Self { child, stdin, stderr } = self;
        let ended = ended(child, stderr);
        drop(stdin);
        ended
    }
}

/// The exit code, as a shell has it, and what was said since.
fn ended(mut child: Child, mut stderr: BufReader<ChildStderr>) -> (i32, String) {
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(10));
    };
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    (status.code().or_else(|| status.signal().map(|it| 128 + it)).unwrap(), said)
}
