//! A Docker daemon without root, started by the person who uses it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use tempfile::TempDir;

use crate::support::{
    self, BUILD_LIMIT, Repository, Subject, Suite, bounded, command, host_variable, rootless_account, trials, wait_for,
};

pub fn trials() -> Subject {
    trials![files_belong_to_whoever_started_the_daemon_in_jobs_and_in_the_dev_container]
}

fn files_belong_to_whoever_started_the_daemon_in_jobs_and_in_the_dev_container(suite: &Suite) {
    // It has images of its own, so building them would be all that building shows.
    let image = suite.repository.image("dev");
    let daemon = RootlessDaemon::start();
    daemon.load(&[&image, &suite.repository.image("runtime")]);
    let repository = Repository::copy_with_images_of(&suite.repository);
    daemon.give(&repository.path(""));
    let xtask = |words: &[&str]| daemon.xtask(&repository, words);
    let owner = |file: &str| fs::metadata(repository.path(file)).unwrap().uid();

    xtask(&["env"]).assert().success();
    // It runs as root there, and nobody need be warned of that.
    xtask(&["run", "--", "sh", "-c", "touch /opt/outputs/job; exit 3"]).assert().code(3).stderr("");
    assert_eq!(owner("outputs/job"), daemon.user.0);
    xtask(&["up"]).assert().success();
    xtask(&["exec", "--", "sh", "-c", "touch /opt/outputs/dev && uv pip install --quiet rich"]).assert().success();
    assert_eq!(owner("outputs/dev"), daemon.user.0);
    xtask(&["freeze"]).assert().success();
    assert!(fs::read_to_string(repository.path("dependencies/environment.yml")).unwrap().contains("- rich=="));
    assert_eq!(owner("dependencies/lock/linux-amd64/pylock.toml"), daemon.user.0);
    xtask(&["build", "runtime"]).assert().success();
    xtask(&["run", "--", "python", "-c", "import rich"]).assert().success();
    xtask(&["down"]).assert().success();
    let mut strangers = command("find");
    strangers.arg(repository.path("")).args(["-not", "-uid", &daemon.user.0.to_string()]);
    bounded(strangers).assert().success().stdout("");
}

/// It ends with the trial, with all that it has.
struct RootlessDaemon {
    child: Child,
    /// User and group of the account that `.ci/rootless` makes.
    user: (u32, u32),
    /// The account's home, for this time.
    home: TempDir,
}

impl RootlessDaemon {
    fn start() -> Self {
        let user = rootless_account().unwrap();
        // Its socket has a path of at most 107 bytes (unix(7)).
        let home = tempfile::Builder::new().prefix("xtask-e2e-").tempdir().unwrap();
        chown(home.path(), Some(user.0), Some(user.1)).unwrap();
        let script = "/usr/share/docker.io/contrib/dockerd-rootless.sh";
        let mut start = as_user(user, home.path());
        start
            .arg(script)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.path().join("log")).unwrap());
        let child = start.spawn().unwrap();
        let daemon = Self { child, user, home };
        wait_for("the rootless daemon", || {
            let mut version = command("docker");
            version.args(["--host", &daemon.host(), "version"]);
            bounded(version).output().unwrap().status.success().then_some(())
        });
        daemon
    }

    fn host(&self) -> String {
        format!("unix://{}", self.home.path().join("docker.sock").display())
    }

    /// Hands images of the other daemon over.
    fn load(&self, images: &[&str]) {
        let base = support::base_image();
        let mut pipe = command("sh");
        pipe.args(["-c", r#"host=$1; shift; docker save "$@" | docker --host "$host" load"#, "sh", &self.host()]);
        pipe.args(images).args(base);
        bounded(pipe).timeout(BUILD_LIMIT).assert().success();
    }

    fn give(&self, directory: &Path) {
        let mut give = command("chown");
        give.args(["-R", &format!("{}:{}", self.user.0, self.user.1)]).arg(directory);
        bounded(give).assert().success();
        let parent = directory.parent().unwrap();
        fs::set_permissions(parent, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn xtask(&self, repository: &Repository, words: &[&str]) -> assert_cmd::Command {
        let mut program = as_user(self.user, self.home.path());
        program.arg(self.program()).args(words);
        repository.environment(&mut program).env("DOCKER_HOST", self.host());
        let mut xtask = bounded(program);
        xtask.timeout(BUILD_LIMIT);
        xtask
    }

    /// A copy of the program where the account can start it.
    fn program(&self) -> PathBuf {
        let copy = self.home.path().join("xtask");
        if !copy.exists() {
            fs::copy(env!("CARGO_BIN_EXE_xtask"), &copy).unwrap();
        }
        copy
    }
}

impl Drop for RootlessDaemon {
    fn drop(&mut self) {
        // rootlesskit ends the daemon, and the namespace with its containers.
        let mut end = command("pkill");
        end.args(["--uid", &self.user.0.to_string()]);
        _ = bounded(end).output();
        _ = self.child.wait();
        // Its layers belong to ids of the account's, which root may remove.
        let mut remove = command("rm");
        remove.args(["-rf"]).arg(self.home.path().join(".local"));
        _ = bounded(remove).output();
    }
}

/// The beginning of a command of the account, in an environment that `env` makes.
fn as_user((uid, gid): (u32, u32), home: &Path) -> std::process::Command {
    let mut start = command("setpriv");
    start.args([&format!("--reuid={uid}"), &format!("--regid={gid}"), "--init-groups", "--inh-caps=-all", "env"]);
    let path = host_variable("PATH").unwrap_or_default();
    start.arg(format!("PATH=/usr/sbin:{path}"));
    start.args([format!("HOME={}", home.display()), format!("XDG_RUNTIME_DIR={}", home.display())]);
    start.arg("USER=xtask-rootless");
    start
}
