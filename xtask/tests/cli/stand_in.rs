//! The programs that stand in for those that the tool starts: what they were asked, and how they shall answer.

use std::fs;
use std::path::PathBuf;

/// The arguments of one call.
pub type Call = Vec<String>;

/// The state of all stand-ins of one repository: a directory of small files.
#[derive(Debug)]
pub struct StandIns {
    state: PathBuf,
}

/// The id of every image.
const IMAGE_ID: &str = "sha256:0123456789abcdef";

/// How Docker's daemon answers.
#[derive(Debug, Clone, Copy)]
pub enum Daemon {
    /// As it should.
    Up,
    /// Not at all.
    Down,
    /// Only other users.
    Denied,
    /// As one of 2019.
    Old,
    /// Never.
    Hanging,
}

impl StandIns {
    /// Where Docker answers, has no image, and what runs in a container does nothing.
    pub fn new(state: PathBuf) -> Self {
        let stand_ins = Self { state };
        stand_ins.daemon(Daemon::Up);
        stand_ins.note("images", "");
        stand_ins.note("registry", "");
        stand_ins.note("platforms", "linux/amd64, linux/386");
        stand_ins.note("container", ":");
        stand_ins.note("containers", "");
        stand_ins.note("image-of-container", IMAGE_ID);
        stand_ins.note("settings-of-container", "5e77");
        stand_ins.note("settings", "5e77");
        stand_ins.note("health", "running healthy");
        stand_ins.note("gpus", "");
        stand_ins
    }

    /// Leaves a note that a stand-in looks for.
    pub fn note(&self, name: &str, text: &str) {
        fs::write(self.state.join(name), text).unwrap();
    }

    /// Says how the daemon answers.
    pub fn daemon(&self, daemon: Daemon) {
        let word = match daemon {
            Daemon::Up => "up",
            Daemon::Down => "down",
            Daemon::Denied => "denied",
            Daemon::Old => "old",
            Daemon::Hanging => "hanging",
        };
        self.note("daemon", word);
    }

    /// Lets Docker have these containers: id, name, state, status, image, service, whether `docker compose run` made it,
    /// extras and the directory of its compose files.
    pub fn containers(&self, containers: &[[&str; 9]]) {
        let lines: String = containers.iter().map(|it| it.join("\t") + "\n").collect();
        self.note("containers", &lines);
    }

    /// The calls of a program so far, in order.
    pub fn calls(&self, program: &str) -> Vec<Call> {
        let path = self.state.join(format!("{program}.calls"));
        let Ok(bytes) = fs::read(path) else { return Vec::new() };
        let text = String::from_utf8(bytes).unwrap();
        // Each call is the number of its arguments and then these, all ended by NUL.
        let mut words = text.split_terminator('\0');
        let mut calls = Vec::new();
        while let Some(count) = words.next() {
            calls.push(words.by_ref().take(count.parse().unwrap()).map(str::to_owned).collect());
        }
        calls
    }

    /// Forgets the calls so far.
    pub fn forget(&self) {
        for program in ["docker", "uv", "python3", "cargo"] {
            _ = fs::remove_file(self.state.join(format!("{program}.calls")));
        }
    }

    /// The value of a variable in the environment of a program's last call.
    pub fn variable(&self, program: &str, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.state.join(format!("{program}.environment"))).unwrap();
        text.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    }

    /// The netrc file that uv or the builder's client was given last.
    pub fn netrc(&self, program: &str) -> Option<String> {
        fs::read_to_string(self.state.join(format!("{program}.netrc"))).ok()
    }
}

/// Whether a call of `docker` or uv only asks.
pub fn is_query(call: &Call) -> bool {
    let words: Vec<&str> = call.iter().map(String::as_str).collect();
    matches!(
        words[..],
        ["version" | "info" | "ps" | "history", ..]
            | ["buildx" | "compose", "version"]
            | ["buildx", "ls" | "inspect" | "du", ..]
            | ["buildx", "imagetools", "inspect", ..]
            | ["context" | "image" | "container", "inspect", ..]
            | ["image", "ls", ..]
            | ["compose", .., "config", "--format", "json"]
            | ["compose", .., "config", "--hash", _]
            | ["exec", _, "test", "-e", "/dev/shm/.xtask-ready"]
            | ["run", .., "-c", "command -v jupyter-lab"]
            | ["run", .., "GNU_LIBC_VERSION"]
            | ["python", "find", ..]
            | ["pip", "compile", ..]
            | ["--version"]
            // Solves, and makes no image.
            | ["buildx", "build", "--output", _, "--file", _, "--target", "answer", ..]
    )
}

/// The arguments that a line of blank-separated words stands for.
pub fn argv(line: &str) -> Call {
    line.split_whitespace().map(str::to_owned).collect()
}
