//! What VS Code does with `.devcontainer/devcontainer.json`, by the program that it does it with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::docker;
use crate::support::{DevContainer, Repository, Subject, Suite, bounded, command, host_variable, trials};

/// The reference implementation, from npm; the newest that Debian 12's Node runs.
const CLI: &str = "@devcontainers/cli@0.80.0";

pub fn trials() -> Subject {
    trials![opens_on_the_dev_container]
}

fn opens_on_the_dev_container(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let container = DevContainer::new(repository, "devcontainer", &[]);

    let workspace = container.repository.path("").display().to_string();
    let up = cli(&container, &["up", "--workspace-folder", &workspace]).assert().success().get_output().stdout.clone();
    let up: Value = serde_json::from_slice(&up).unwrap();
    assert_eq!(up["outcome"], "success", "{up}");
    assert_eq!(up["remoteWorkspaceFolder"], "/opt/project", "{up}");
    // The same one that terminals are in, not another beside it.
    let id = &docker::inspect("container", &container.name())["Id"];
    assert_eq!(up["containerId"], *id, "{up}");

    let code = "import getpass, os, template_package; print(getpass.getuser(), os.getuid(), os.getgid(), os.getcwd())";
    let (uid, gid) = container.user;
    let expected = format!("ada {uid} {gid} /opt/project\n");
    let exec = ["exec", "--workspace-folder", &workspace, "--container-id", id.as_str().unwrap(), "python", "-c", code];
    cli(&container, &exec).assert().success().stdout(expected);
}

/// `devcontainer …`, where `cargo xtask` is the program under test.
fn cli(container: &DevContainer, arguments: &[&str]) -> assert_cmd::Command {
    let programs = container.repository.path("programs");
    fs::create_dir_all(&programs).unwrap();
    let cargo = programs.join("cargo");
    fs::write(&cargo, format!("#!/bin/sh\nshift\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_xtask"))).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), host_variable("PATH").unwrap());

    let mut npx = command("npx");
    container.environment(&mut npx);
    npx.env("PATH", path).args(["--yes", "--package", CLI, "devcontainer"]).args(arguments);
    bounded(npx)
}
