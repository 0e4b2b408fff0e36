//! A repository with all around it, which can be put back to what it was.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tempfile::{NamedTempFile, TempDir};

use crate::calls::SystemCall;
use crate::repository::Repository;
use crate::support::{command, host_variable};
use crate::tree::{Tree, tree_of};

/// Where this crate is.
const OURS: &str = env!("CARGO_MANIFEST_DIR");

/// After which a command hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// How soon a process has to be gone after the last command.
const GRACE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(2);

/// What a command has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// As a shell reports it; `None` for a command that hung.
    pub code: Option<i32>,
    /// On standard output and standard error.
    pub said: String,
}

/// A command that runs.
#[derive(Debug)]
pub struct Started {
    child: Child,
    said: NamedTempFile,
}

impl Started {
    /// Waits for its end, or kills it where it hangs.
    pub fn wait(mut self) -> Ending {
        let status = within(PATIENCE, || self.child.try_wait().unwrap());
        if status.is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
        let code = status.map(|it| it.code().or_else(|| it.signal().map(|it| 128 + it)).unwrap());
        Ending { code, said: String::from_utf8_lossy(&fs::read(self.said.path()).unwrap()).into_owned() }
    }
}

/// A repository, its home, its stand-ins and their notes, and nothing else in the same folder.
#[derive(Debug)]
pub struct World {
    pub repository: Repository,
    /// What is written about it, and not in it.
    notes: TempDir,
}

impl World {
    /// With settings, and a stand-in for uv that takes its time.
    pub fn new(repository: Repository) -> Self {
        let world = Self { repository, notes: TempDir::new().unwrap() };
        let bin = world.repository.temp("bin");
        fs::rename(bin.join("uv"), bin.join("uv-of-cli")).unwrap();
        symlink(Path::new(OURS).join("tests/faults/stand-ins/uv"), bin.join("uv")).unwrap();
        for program in ["chmod", "true"] {
            symlink(Path::new("/bin").join(program), bin.join(program)).unwrap();
        }
        fs::create_dir(world.repository.temp("tmp")).unwrap();
        fs::copy(Path::new(OURS).join("../.gitignore"), world.repository.path(".gitignore")).unwrap();
        world
    }

    /// The program, to be started in it.
    pub fn command(&self) -> Command {
        let mut command = self.repository.command();
        command.env("TMPDIR", self.repository.temp("tmp"));
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Ending {
        let mut command = self.command();
        command.args(arguments);
        self.finish(command)
    }

    /// Runs the program under strace with options.
    pub fn run_traced(&self, options: &[String], arguments: &[&str]) -> Ending {
        let program = self.command();
        // Named by its path: it is not among the stand-ins.
        let mut command = command(strace().unwrap().to_str().unwrap());
        command.args(["--quiet=all", "--string-limit=200", "--output"]).arg(self.trace_file()).args(options);
        command.arg("--").arg(program.get_program()).args(arguments).current_dir(program.get_current_dir().unwrap());
        command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.finish(command)
    }

    /// Runs the program, and tells its system calls.
    pub fn trace(&self, arguments: &[&str]) -> (Ending, Vec<SystemCall>) {
        let ending = self.run_traced(&[], arguments);
        (ending, SystemCall::parse_all(&fs::read_to_string(self.trace_file()).unwrap()))
    }

    fn trace_file(&self) -> PathBuf {
        self.notes.path().join("trace")
    }

    /// Runs a command to its end.
    pub fn finish(&self, command: Command) -> Ending {
        self.started(command).wait()
    }

    /// Starts the program.
    pub fn start(&self, arguments: &[&str]) -> Started {
        let mut command = self.command();
        command.args(arguments);
        self.started(command)
    }

    fn started(&self, mut command: Command) -> Started {
        // Into a file: a child that outlives the command would keep a pipe open.
        let said = tempfile::Builder::new().tempfile_in(self.notes.path()).unwrap();
        let streams = [(); 2].map(|()| said.as_file().try_clone().unwrap());
        let [stdout, stderr] = streams;
        let child = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn().unwrap();
        Started { child, said }
    }

    /// Everything that is there.
    pub fn tree(&self) -> Tree {
        tree_of(&self.repository.temp(""))
    }

    /// Makes everything as it was.
    pub fn reset(&self, wanted: &Tree) {
        let root = self.repository.temp("");
        let found = self.tree();
        for path in found.keys().rev().filter(|path| wanted.get(*path) != found.get(*path)) {
            let was_folder = is_folder(found[path].0);
            if was_folder && wanted.get(path).is_some_and(|it| is_folder(it.0)) {
                continue;
            }
            let place = root.join(path);
            if was_folder { fs::remove_dir(&place) } else { fs::remove_file(&place) }.unwrap();
        }
        for (path, (mode, contents)) in wanted.iter().filter(|(path, it)| found.get(*path) != Some(*it)) {
            put(&root.join(path), *mode, contents);
        }
        assert!(self.tree() == *wanted, "the test puts everything back");
    }

    /// Makes what the tool has generated an hour old: the next command is not the next moment's.
    pub fn let_an_hour_pass(&self) {
        let_an_hour_pass(&self.repository.path("target"));
    }

    /// The processes that were started in this world and go on, after they had the time to end. They are killed then.
    pub fn processes(&self) -> Vec<String> {
        leftover_processes(&self.home(), GRACE)
    }

    /// Whether a process that was started in this world still runs.
    pub fn has_processes(&self) -> bool {
        !processes_with(&self.home()).is_empty()
    }

    /// What all of them have in their environment.
    fn home(&self) -> String {
        format!("HOME={}\0", self.repository.temp("home").display())
    }

    /// Those of these paths in the repository that git would not pass over.
    pub fn not_ignored(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let folder = self.notes.path().join("git");
        let git = |arguments: &[&str]| {
            let mut git = command("git");
            git.arg("--git-dir").arg(&folder).arg("--work-tree").arg(self.repository.path("")).args(arguments);
            git.current_dir(self.repository.path(""));
            git
        };
        if !folder.exists() {
            assert!(git(&["init", "--quiet"]).status().unwrap().success());
        }
        let is_ignored = |path: &PathBuf| {
            git(&["check-ignore", "--quiet", "--no-index", "--"]).arg(path).status().unwrap().success()
        };
        paths.iter().filter(|it| !is_ignored(it)).cloned().collect()
    }
}

/// Makes everything in a folder an hour old, if it is there.
pub fn let_an_hour_pass(folder: &Path) {
    let before = SystemTime::now() - Duration::from_secs(3600);
    for (path, _) in if folder.exists() { tree_of(folder) } else { Tree::new() } {
        // What cannot be opened is no file that has an age.
        _ = File::open(folder.join(path)).and_then(|it| it.set_modified(before));
    }
}

/// Where strace is, if it is on this machine.
pub fn strace() -> Option<PathBuf> {
    let folders = host_variable("PATH")?;
    std::env::split_paths(&folders).map(|it| it.join("strace")).find(|it| it.is_file())
}

/// Asks until there is an answer, or until the time is over.
pub fn within<T>(limit: Duration, mut answer: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return Some(answer);
        }
        if start.elapsed() > limit {
            return None;
        }
        thread::sleep(POLL);
    }
}

/// Whether a mode is that of a folder.
pub fn is_folder(mode: u32) -> bool {
    mode & kind::MASK == kind::FOLDER
}

fn put(place: &Path, mode: u32, contents: &[u8]) {
    match mode & kind::MASK {
        kind::FOLDER => _ = fs::create_dir(place),
        kind::LINK => {
            let target = std::str::from_utf8(contents).unwrap();
            return symlink(target, place).unwrap();
        }
        _ => fs::write(place, contents).unwrap(),
    }
    fs::set_permissions(place, fs::Permissions::from_mode(mode & 0o7777)).unwrap();
}

/// The kinds of files in a mode. Source: POSIX.1-2024, `<sys/stat.h>`; the numbers are those of every Unix.
mod kind {
    pub const MASK: u32 = 0o170_000;
    pub const FOLDER: u32 = 0o040_000;
    pub const LINK: u32 = 0o120_000;
}

/// The command lines of the processes with a variable in their environment that have not ended within the limit. They are
/// killed, so that they do not disturb what is tried next.
pub fn leftover_processes(variable: &str, limit: Duration) -> Vec<String> {
    if within(limit, || processes_with(variable).is_empty().then_some(())).is_some() {
        return Vec::new();
    }
    let left = processes_with(variable);
    for id in left.keys() {
        // It may have ended just now.
        _ = command("sh").args(["-c", r#"kill -KILL "$0""#, id]).stderr(Stdio::null()).status();
    }
    left.into_values().collect()
}

/// The processes with a variable in their environment: their command lines by their ids. Those that have ended have none.
fn processes_with(variable: &str) -> BTreeMap<String, String> {
    let process = |entry: fs::DirEntry| {
        let environment = fs::read(entry.path().join("environ")).ok()?;
        let has_it = environment.windows(variable.len()).any(|it| it == variable.as_bytes());
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        let id = entry.file_name().into_string().ok()?;
        has_it.then(|| (id, String::from_utf8_lossy(&words).replace('\0', " ")))
    };
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(process).collect()
}
