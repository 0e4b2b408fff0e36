//! A small repository in a temporary directory, and the tool run in it.

#![expect(clippy::disallowed_methods, reason = "a child that a test talks to while it runs")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::ended::Ended;
use crate::stand_in::{Call, Daemon, StandIns, is_query};
use crate::tree::{Tree, tree_of};

/// Where this crate's own repository is.
const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The settings file.
pub const ENV_FILE: &str = "installation/docker-amd64/.env";

/// After which a command that waits for something in vain is killed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the image for unattended jobs is called by default.
pub const RUNTIME: &str = "sci/jdoe/tiny-project:runtime";

/// What the image to develop in is called by default.
pub const DEV: &str = "sci/jdoe/tiny-project:dev";

/// The Python packages asked for where a test says nothing else.
pub const ENVIRONMENT: &str = "dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm\n";

/// Names of its own: whoever renames the project of this repository need not touch the tests.
pub const PYPROJECT: &str = "[project]\nname = \"tiny-project\"\nversion = \"0.1.0\"\nreadme = \"README.md\"\n\n\
                             [tool.hatch.build.targets.wheel]\npackages = [\"src/tiny_package\"]\n";

/// A repository of its own for one test: its programs are stand-ins, its environment is what the test sets.
#[derive(Debug)]
pub struct Repository {
    temporary: TempDir,
    root: PathBuf,
    /// Where the tool is started.
    directory: PathBuf,
    variables: BTreeMap<String, String>,
    /// Programs that stand in for others.
    pub stand_ins: StandIns,
}

impl Repository {
    /// Freshly cloned: without settings. Docker answers and has no image.
    pub fn fresh() -> Self {
        Self::named("repository")
    }

    /// With these lines as its settings; the defaults are in force for everything else.
    pub fn with_settings(lines: &str) -> Self {
        Self::fresh().file(ENV_FILE, lines)
    }

    /// In a directory of this name.
    pub fn named(name: &str) -> Self {
        let temporary = TempDir::new().unwrap();
        let base = temporary.path().canonicalize().unwrap();
        let root = base.join(name);
        for directory in ["bin", "home", "state"].map(|it| base.join(it)) {
            fs::create_dir(directory).unwrap();
        }
        symlink(Path::new(OURS).join("xtask/tests/cli/stand-ins"), base.join("stand-ins")).unwrap();
        let stand_ins = StandIns::new(base.join("state"));
        let repository =
            Self { temporary, directory: root.clone(), root, variables: BTreeMap::new(), stand_ins }.populated();
        ["docker", "id", "uv"].into_iter().fold(repository, Self::stand_in)
    }

    fn populated(self) -> Self {
        for name in ["sh", "env", "cat", "ls", "mkdir", "ln", "rm", "sleep"] {
            let tool = ["/bin", "/usr/bin"].map(|it| Path::new(it).join(name)).into_iter().find(|it| it.exists());
            symlink(tool.unwrap(), self.bin().join(name)).unwrap();
        }
        for directory in ["installation/docker-amd64", "xtask/scripts"] {
            copy(&Path::new(OURS).join(directory), &self.path(directory));
        }
        self.file("xtask/Cargo.toml", "")
            .file("dependencies/environment.yml", ENVIRONMENT)
            .file("dependencies/apt-build.txt", "git\n")
            .file("dependencies/apt-runtime.txt", "# What the code calls.\nca-certificates # trust\n")
            .file("dependencies/apt-dev.txt", "vim\n\ncurl\n")
            .file("python-project/pyproject.toml", PYPROJECT)
            .file("python-project/README.md", "# Tiny\n")
            .file("python-project/src/tiny_package/__init__.py", "ANSWER = 42\n")
            .file("data/README.md", "Data.\n")
            .file("outputs/README.md", "Results.\n")
    }

    /// Writes a file.
    pub fn file(self, path: &str, contents: &str) -> Self {
        self.write(path, contents);
        self
    }

    /// Asks for these packages in `environment.yml`.
    pub fn dependencies(self, text: &str) -> Self {
        self.file("dependencies/environment.yml", text)
    }

    /// Sets a variable of the environment that the tool is started in.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Has Docker's daemon answer so.
    pub fn daemon(self, daemon: Daemon) -> Self {
        self.stand_ins.daemon(daemon);
        self
    }

    /// Lets Docker have this image.
    pub fn image(self, name: &str) -> Self {
        self.stand_ins.note("images", &format!("{name}\n"));
        self
    }

    /// Has commands of a shell stand for what happens in a container.
    pub fn container(self, script: &str) -> Self {
        self.stand_ins.note("container", script);
        self
    }

    /// Leaves a note for the stand-ins.
    pub fn note(self, name: &str) -> Self {
        self.stand_ins.note(name, "");
        self
    }

    /// Puts a stand-in in `PATH`.
    pub fn stand_in(self, name: &str) -> Self {
        symlink(self.temp("stand-ins").join(name), self.bin().join(name)).unwrap();
        self
    }

    /// Puts a program of this machine in `PATH`.
    pub fn program(self, name: &str) -> Self {
        symlink(Path::new("/usr/bin").join(name), self.bin().join(name)).unwrap();
        self
    }

    /// Puts this machine's own Python in `PATH`.
    pub fn host_python(self) -> Self {
        _ = fs::remove_file(self.bin().join("python3"));
        symlink("/usr/bin/python3", self.bin().join("python3")).unwrap();
        self
    }

    /// Takes a program from `PATH`.
    pub fn without(self, program: &str) -> Self {
        fs::remove_file(self.bin().join(program)).unwrap();
        self
    }

    /// Starts the tool in a directory of the repository.
    pub fn inside(mut self, directory: &str) -> Self {
        self.directory = self.path(directory);
        self
    }

    /// Writes a file while the test goes on.
    pub fn write(&self, path: &str, contents: &str) {
        self.write_bytes(path, contents.as_bytes());
    }

    /// Writes a file that need not be text. The settings are private, as the tool makes them.
    pub fn write_bytes(&self, path: &str, contents: &[u8]) {
        let mode = if path == ENV_FILE { 0o600 } else { 0o644 };
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// A path in the repository.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A path beside the repository.
    pub fn temp(&self, path: &str) -> PathBuf {
        self.temporary.path().canonicalize().unwrap().join(path)
    }

    /// The only directory in `PATH`.
    pub fn bin(&self) -> PathBuf {
        self.temp("bin")
    }

    /// Everything in the repository.
    pub fn tree(&self) -> Tree {
        tree_of(&self.root)
    }

    /// Runs the tool.
    pub fn xtask<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        self.xtask_reading(arguments, "")
    }

    /// Runs the tool with more arguments behind its first ones.
    pub fn xtask_with<const M: usize, const N: usize>(&self, first: [&str; M], more: [&str; N]) -> Ended {
        self.ended(&first.into_iter().chain(more).collect::<Vec<_>>(), "")
    }

    /// Runs the tool with as many arguments as there are.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.ended(arguments, "")
    }

    /// Runs the tool with this on its standard input.
    pub fn xtask_reading<const N: usize>(&self, arguments: [&str; N], input: &str) -> Ended {
        self.ended(&arguments, input)
    }

    fn ended(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = assert_cmd::Command::from_std(self.command());
        let output = command.args(arguments).write_stdin(input).timeout(PATIENCE).output().unwrap();
        Ended::new(&output, |text| self.general(text))
    }

    /// The tool, to be started.
    pub fn command(&self) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("xtask"));
        command
            .env_clear()
            .env("PATH", self.bin())
            .env("HOME", self.temp("home"))
            .envs(&self.variables)
            .current_dir(&self.directory);
        command
    }

    /// All that Docker was asked, with `[ROOT]` for the repository.
    pub fn docker_calls(&self) -> Vec<Call> {
        self.calls("docker")
    }

    /// What Docker was asked to do, without the questions.
    pub fn docker_changes(&self) -> Vec<Call> {
        self.docker_calls().into_iter().filter(|it| !is_query(it)).collect()
    }

    /// The calls of a program, with `[ROOT]` for the repository, `[INPUTS]` for what an image was made of, `[HASH]` for
    /// the same in a tag and `[LEASE]` for the name of a lease. The labels with the parts of what an image was made of are left out.
    pub fn calls(&self, program: &str) -> Vec<Call> {
        let general = |it: &String| {
            if let Some(name) = ["xtask.inputs=", "INPUTS="].into_iter().find(|name| it.starts_with(name)) {
                return format!("{name}[INPUTS]");
            }
            without_hash(&without_lease(&self.general(it)))
        };
        let calls = self.stand_ins.calls(program);
        calls.iter().map(|call| without_locked_tag(without_parts(call).iter().map(general).collect())).collect()
    }

    /// A text with `[ROOT]` for the repository and `[TEMP]` for what is beside it.
    pub fn general(&self, text: &str) -> String {
        let text = text.replace(self.root.to_str().unwrap(), "[ROOT]");
        text.replace(self.temp("").to_str().unwrap().trim_end_matches('/'), "[TEMP]")
    }
}

/// A call without its labels that are long.
fn without_parts(call: &Call) -> Call {
    let is_long = |it: Option<&String>| {
        it.is_some_and(|it| {
            ["xtask.parts=", "xtask.asked=", "xtask.base=", "xtask.inputs.locked=", "org.opencontainers.image.title="]
                .iter()
                .any(|label| it.starts_with(label))
        })
    };
    let kept = |(index, word): (usize, &String)| {
        let is_label = word == "--label" && is_long(call.get(index + 1));
        (!is_label && !is_long(Some(word))).then(|| word.clone())
    };
    call.iter().enumerate().filter_map(kept).collect()
}

/// Without the second tag with a hash, that of what was solved.
fn without_locked_tag(mut call: Call) -> Call {
    let is_hash = |it: &String| it.ends_with("-[HASH]");
    if let Some(at) = call.windows(3).position(|it| is_hash(&it[0]) && it[1] == "--tag" && it[0] == it[2]) {
        call.drain(at + 1..at + 3);
    }
    call
}

/// A text with `[LEASE]` for the name of a lease, which no two containers share.
fn without_lease(text: &str) -> String {
    for (place, kind) in
        [("/leases/", "run-"), ("/leases/", "exec-"), ("xtask.lease=", "run-"), ("xtask.lease=", "background-")]
    {
        if let Some((start, name)) = text.split_once(&format!("{place}{kind}")) {
            let end = name.trim_start_matches(|it: char| it.is_ascii_digit() || it == '-');
            return format!("{start}{place}[LEASE]{end}");
        }
    }
    text.to_owned()
}

/// The tag of an image with `[HASH]` for the hash of its inputs.
fn without_hash(text: &str) -> String {
    let is_hash = |it: &&str| it.len() == 12 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let hash = ["runtime", "dev"].iter().find_map(|it| text.split_once(&format!(":{it}-"))).map(|it| it.1);
    match hash.and_then(|it| it.get(..12)).filter(is_hash) {
        Some(hash) => text.replace(hash, "[HASH]"),
        None => text.to_owned(),
    }
}

/// Copies a directory, but for the settings of the person who runs the tests.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != ".env" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
