//! podman in Docker's place: Debian 12's, with an image of Docker's to build on, as `.ci/podman` sets it up.

use std::os::unix::fs::MetadataExt as _;

use crate::support::{Registry, Repository, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![
        what_is_built_runs_is_changed_and_frozen,
        what_one_has_pushed_another_pulls,
        what_podman_cannot_do_is_refused_with_the_reason,
    ]
}

/// A copy with little to install, that uses podman. Its images and containers go with it.
struct PodmanRepository(Repository);

impl PodmanRepository {
    fn new(label: &str) -> Self {
        let repository = Repository::copy(label);
        repository.ask_for_little();
        Self(repository)
    }

    fn xtask(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut xtask = self.0.xtask(arguments);
        xtask.env("ENGINE", "podman");
        xtask
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let assert = self.xtask(arguments).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    }

    /// What it says where it does not succeed.
    fn fails(&self, arguments: &[&str], code: i32) -> String {
        let assert = self.xtask(arguments).assert().code(code);
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    }
}

impl Drop for PodmanRepository {
    fn drop(&mut self) {
        let project = format!("label=xtask.project={}", self.0.compose_project());
        remove_listed(&["ps", "--all", "--filter", &project], &["rm", "--force"]);
        let images = format!("reference={}", self.0.image("*"));
        remove_listed(&["image", "ls", "--filter", &images], &["image", "rm", "--force"]);
    }
}

/// Removes what podman lists, if that is anything.
fn remove_listed(list: &[&str], remove: &[&str]) {
    let podman = |arguments: &[&str], more: &[&str]| {
        let mut podman = command("podman");
        podman.args(arguments).args(more);
        bounded(podman).output()
    };
    let Ok(listed) = podman(list, &["--quiet"]) else { return };
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let ids: Vec<&str> = listed.lines().collect();
    if !ids.is_empty() {
        _ = podman(remove, &ids);
    }
}

fn what_is_built_runs_is_changed_and_frozen(_: &Suite) {
    let repository = PodmanRepository::new("podman");
    assert!(repository.succeeds(&["run", "--", "python", "--version"]).starts_with("Python 3."));
    // The answer of the command is its own, and nothing of the build is in it.
    assert_eq!(repository.succeeds(&["run", "--", "sh", "-c", "ls -d /tmp; echo made >/opt/outputs/made"]), "/tmp\n");
    assert_eq!(
        repository.0.path("outputs/made").metadata().unwrap().uid(),
        repository.0.path("").metadata().unwrap().uid()
    );
    repository.fails(&["run", "--", "sh", "-c", "exit 7"], 7);
    repository.fails(&["run", "--", "no-such-program"], 127);

    assert_eq!(repository.succeeds(&["run", "-d", "--name", "one", "--", "sh", "-c", "echo said; exit 3"]), "one\n");
    repository.fails(&["wait", "one"], 3);
    assert_eq!(repository.succeeds(&["logs", "one"]), "said\n");

    repository.succeeds(&["up"]);
    assert!(repository.succeeds(&["status"]).contains("dev      Up "));
    assert_eq!(repository.succeeds(&["exec", "--", "whoami"]).lines().count(), 1);
    repository.succeeds(&["exec", "--", "uv", "pip", "install", "--quiet", "colorama"]);
    repository.succeeds(&["freeze"]);
    let frozen = std::fs::read_to_string(repository.0.path("dependencies/environment.yml")).unwrap();
    assert!(frozen.contains("- colorama==") && frozen.contains("- tqdm=="), "{frozen}");
    repository.succeeds(&["stop"]);
    assert!(repository.succeeds(&["status"]).contains("Exited"));
    repository.succeeds(&["start"]);
    repository.succeeds(&["exec", "--", "python", "-c", "import colorama"]);
    repository.succeeds(&["down"]);
    assert!(!repository.succeeds(&["status"]).contains("-dev-1"));
}

fn what_one_has_pushed_another_pulls(_: &Suite) {
    let registry = Registry::start();
    let name = registry.image("lab/podman");
    let first = PodmanRepository::new("podman-push");
    first.succeeds(&["build", "runtime"]);
    first.succeeds(&["push", "--to", &name, "runtime"]);
    let second = PodmanRepository::new("podman-pull");
    second.succeeds(&["pull", "--from", &name, "runtime"]);
    assert!(second.succeeds(&["status"]).contains(&format!("image {}: up to date", second.0.image("runtime"))));
}

fn what_podman_cannot_do_is_refused_with_the_reason(_: &Suite) {
    let repository = PodmanRepository::new("podman-refused");
    for (arguments, code, reason) in [
        (&["build", "--platform", "linux/arm64"][..], 1, "for this machine only"),
        (&["build", "--push", "--to", "127.0.0.1:1/x"], 1, "podman has no builders"),
        (&["run", "--platform", "linux/arm64", "true"], 125, "for this machine only"),
        (&["up", "--wait"], 1, "timers of systemd"),
    ] {
        let said = repository.fails(arguments, code);
        assert!(said.contains(reason) && !said.contains("STEP"), "{arguments:?}: {said}");
    }
}
