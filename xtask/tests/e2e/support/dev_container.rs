//! Dev containers, made from the compose files.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use super::docker::docker;
use super::process::{bounded, command, user_id, wait_for};
use super::{Repository, run_id};

/// What outlives a dev container.
const KEPT: [&str; 9] =
    ["cache", "config", "vscode-server", "cursor-server", "leases", "agent", "work", "ssh", "jupyter"];

/// A dev container of a user that no image knows, in a copy of the repository. It is removed in the end.
#[derive(Debug)]
pub struct DevContainer {
    /// The copy.
    pub repository: Repository,
    /// The server's port on this machine.
    pub port: u16,
    /// Whom it runs as: only root can start one for somebody else and give the files to them.
    pub user: (u32, u32),
    project: String,
    overlays: Vec<&'static str>,
    variables: Vec<(&'static str, String)>,
}

impl DevContainer {
    /// One that is not started yet, with files of its own below `.dev/`.
    pub fn new(repository: Repository, label: &str, overlays: &[&'static str]) -> Self {
        repository.xtask(["env"]).assert().success();
        let user = if user_id("-u") == 0 { (12345, 67890) } else { (user_id("-u"), user_id("-g")) };
        let container = Self {
            repository,
            port: Self::free_port(),
            user,
            project: format!("xtask-e2e-{}-{label}", run_id()),
            overlays: overlays.to_vec(),
            variables: Vec::new(),
        };
        for name in KEPT {
            fs::create_dir_all(container.kept(name)).expect("the copy is ours");
        }
        fs::create_dir_all(container.repository.path("target/xtask")).expect("the copy is ours");
        container.give_away();
        container
    }

    /// One that runs as whoever runs the tests.
    pub fn of_caller(repository: Repository, label: &str) -> Self {
        let mut container = Self::new(repository, label, &[]);
        container.user = (user_id("-u"), user_id("-g"));
        container.give_away();
        container
    }

    /// A port of this machine where nobody listens now; that somebody does a moment later is unlikely.
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        listener.local_addr().expect("a listener has an address").port()
    }

    /// Sets a variable for compose.
    pub fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// A folder that outlives the container.
    pub fn kept(&self, name: &str) -> PathBuf {
        self.repository.path("installation/docker-amd64/.dev").join(name)
    }

    /// What a process in the copy needs to deal with this container.
    pub fn environment(&self, command: &mut std::process::Command) {
        let (uid, gid) = self.user;
        let (uid, gid, port) = (uid.to_string(), gid.to_string(), self.port.to_string());
        self.repository
            .environment(command)
            .envs([("COMPOSE_PROJECT_NAME", self.project.as_str()), ("USRID", &uid), ("GRPID", &gid), ("USR", "ada")])
            .envs([("SSH_PORT", &port), ("JUPYTER_PORT", &port)])
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    /// Starts it, and waits until it is ready.
    pub fn start(&self) {
        self.create();
        wait_for("the container to be ready", || {
            docker(["exec", &self.name(), "test", "-e", "/dev/shm/.xtask-ready"])
                .output()
                .ok()?
                .status
                .success()
                .then_some(())
        });
    }

    /// `cargo xtask …`, which deals with this container.
    pub fn xtask(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut xtask = self.repository.program(arguments);
        self.environment(&mut xtask);
        bounded(xtask)
    }

    /// Starts it, without waiting.
    pub fn create(&self) {
        self.give_away();
        self.compose(&["up", "--detach", "dev"]).assert().success();
    }

    /// Removes it; its files stay.
    pub fn remove(&self) {
        self.compose(&["down", "--timeout", "1"]).assert().success();
    }

    /// What it has said.
    pub fn log(&self) -> String {
        let output = docker(["logs", &self.name()]).output().expect("docker starts");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// What docker calls it.
    pub fn name(&self) -> String {
        format!("{}-dev-1", self.project)
    }

    fn give_away(&self) {
        give_away(&self.kept(""), self.user);
    }

    fn compose(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut compose = command("docker");
        self.environment(&mut compose);
        compose.current_dir(self.repository.path("installation/docker-amd64"));
        compose.args(["compose", "--file", "compose.yaml"]);
        for overlay in &self.overlays {
            compose.args(["--file", &format!("compose.{overlay}.yaml")]);
        }
        compose.args(arguments);
        bounded(compose)
    }
}

impl Drop for DevContainer {
    fn drop(&mut self) {
        // It fails where the container was never started.
        _ = docker(["rm", "--force", &self.name()]).output();
    }
}

/// Makes a directory and all that is in it somebody's.
fn give_away(path: &Path, (uid, gid): (u32, u32)) {
    chown(path, Some(uid), Some(gid)).expect("only root's files are given away");
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("the directory can be read") {
            give_away(&entry.expect("the directory can be read").path(), (uid, gid));
        }
    }
}
