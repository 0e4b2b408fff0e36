//! The conda channel of `tests/channel/`: made once on this machine, served anew for each test.

#![expect(clippy::disallowed_methods, reason = "the tests stand outside of the program and its `Runner`")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Makes and serves.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/channel");

/// Where all that lasts from test to test is kept.
const KEPT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../channel");

/// The lists by which the product itself gets its tools from PyPI: the channel is indexed by one, tests start both.
const RATTLER: &str = include_str!("../../../installation/tools/py-rattler.txt");
const UV: &str = include_str!("../../../installation/tools/uv.txt");

/// Whom `/auth/…` lets in.
pub const CREDENTIALS: &str = "me:s3cret";

/// What `/t/TOKEN/…` lets in.
pub const TOKEN: &str = "tok3n";

/// The channels `lab` and `extra`.
#[derive(Debug)]
pub struct Channel {
    directory: PathBuf,
}

impl Channel {
    /// Those that the sources of the channel describe. The first test that asks makes them, and others wait for it.
    pub fn made() -> Self {
        fs::create_dir_all(KEPT).unwrap();
        let kept = Path::new(KEPT).canonicalize().unwrap();
        let turn = File::create(kept.join("lock")).unwrap();
        turn.lock().unwrap();

        let directory = kept.join(format!("made-{:016x}", digest_of_the_sources()));
        if !directory.exists() {
            remove_made_of_other_sources(&kept);
            let making = kept.join("making");
            run(Command::new(python_in(&kept))
                .args([PROGRAM, "make"])
                .arg(&making)
                .arg("--wheels")
                .arg(kept.join("wheels")));
            fs::rename(making, &directory).unwrap();
        }
        Self { directory }
    }

    /// A Python that has py-rattler.
    pub fn python(&self) -> PathBuf {
        python_in(self.directory.parent().unwrap())
    }

    /// The directory with py-rattler.
    pub fn library(&self) -> PathBuf {
        let mut found = fs::read_dir(self.python().parent().unwrap().with_file_name("lib")).unwrap();
        found.next().unwrap().unwrap().path().join("site-packages")
    }

    pub fn rattler_version() -> &'static str {
        let (_, pin) = RATTLER.split_once("py-rattler==").unwrap();
        pin.split_whitespace().next().unwrap()
    }

    /// The directory of a channel.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The directory of a channel as an address.
    pub fn file_url(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    /// Serves the channels by HTTP on this machine.
    pub fn serve(&self) -> Server {
        self.serve_with([""; 0])
    }

    /// As [`serve`](Self::serve), with options of the program: `--host`, `--tls`, `--proxy`.
    pub fn serve_with(&self, options: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Server {
        let options: Vec<_> = options.into_iter().map(|it| it.as_ref().to_owned()).collect();
        let count = |option: &str| options.iter().filter(|it| *it == option).count();
        let hosts = count("--host").max(1);
        let expected = hosts * (1 + count("--tls") + count("--proxy"));

        let temporary = TempDir::new().unwrap();
        let mut command = Command::new(self.python());
        command.args([PROGRAM, "serve"]).arg(&self.directory).arg("--log").arg(temporary.path().join("log"));
        let mut process = command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let addresses: Vec<String> = lines.take(expected).map(Result::unwrap).collect();
        assert_eq!(addresses.len(), expected, "the channel's server does not start");
        Server { process, addresses, temporary }
    }
}

/// A server of the channels. It ends when this is dropped, and with the test's process, whatever becomes of that.
#[derive(Debug)]
pub struct Server {
    process: Child,
    addresses: Vec<String>,
    temporary: TempDir,
}

impl Server {
    /// The address of a channel, or of whatever `tests/channel/answers.py` has an answer for: `auth/lab`, `broken/lab`.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.address("http://"))
    }

    /// The same by HTTPS.
    pub fn secure_url(&self, path: &str) -> String {
        format!("{}/{path}", self.address("https://"))
    }

    /// The address of the proxy.
    pub fn proxy(&self) -> &str {
        self.address("proxy ").trim_start_matches("proxy ")
    }

    fn address(&self, start: &str) -> &str {
        self.addresses.iter().find(|it| it.starts_with(start)).unwrap()
    }

    /// What was asked for until now: `STATUS METHOD PATH`, and the kind of credentials that came with it.
    pub fn requests(&self) -> Vec<String> {
        let log = fs::read_to_string(self.temporary.path().join("log")).unwrap();
        log.lines().map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its standard input does.
        drop(self.process.stdin.take());
        _ = self.process.wait();
    }
}

fn digest_of_the_sources() -> u64 {
    let files = fs::read_dir(PROGRAM).unwrap().map(|it| it.unwrap().path());
    let sources: BTreeSet<PathBuf> = files.filter(|it| it.extension().is_some_and(|it| it == "py")).collect();
    let mut hasher = DefaultHasher::new();
    for path in sources {
        path.file_name().hash(&mut hasher);
        fs::read(path).unwrap().hash(&mut hasher);
    }
    RATTLER.hash(&mut hasher);
    hasher.finish()
}

fn remove_made_of_other_sources(kept: &Path) {
    for entry in fs::read_dir(kept).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("made-") {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
}

/// A virtual environment with py-rattler and uv. It is complete when its last file is there.
fn python_in(kept: &Path) -> PathBuf {
    let environment = kept.join("python");
    let lists = format!("{RATTLER}{UV}");
    let complete = environment.join("tools.txt");
    let python = environment.join("bin/python");
    if !fs::read_to_string(&complete).is_ok_and(|it| it == lists) {
        run(Command::new("/usr/bin/python3").args(["-m", "venv", "--clear"]).arg(&environment));
        let begun = environment.join("begun.txt");
        fs::write(&begun, lists).unwrap();
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement"];
        run(Command::new(&python).args(install).arg(&begun));
        fs::rename(begun, complete).unwrap();
    }
    python
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{status} from {command:?}");
}
