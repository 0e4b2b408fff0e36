//! The commands that change something, each with a repository that it changes.

use serde_json::json;

use crate::case::Case;
use crate::disturbed::SECRET;
use crate::installed::{offer, snapshot};
use crate::repository::{ENVIRONMENT, PYPROJECT, RUNTIME, Repository};
use crate::world::World;

/// All of them. [`SECRET`] is among the settings of some.
pub const CASES: [Case; 29] = [
    Case { name: "freeze", verb: &["freeze"], begin: about_to_freeze, killed_before: None },
    Case { name: "freeze --full", verb: &["freeze", "--full"], begin: about_to_freeze, killed_before: None },
    Case { name: "freeze --lock-only", verb: &["freeze", "--lock-only"], begin: about_to_freeze, killed_before: None },
    Case { name: "freeze of an image", verb: &["freeze"], begin: image_to_freeze, killed_before: None },
    Case { name: "thaw", verb: &["thaw"], begin: frozen, killed_before: None },
    Case { name: "thaw tqdm", verb: &["thaw", "tqdm"], begin: frozen, killed_before: None },
    Case { name: "lock", verb: &["lock"], begin: about_to_lock, killed_before: None },
    Case {
        name: "lock --platform, twice",
        verb: &["lock", "--platform", "linux/amd64", "--platform", "linux/arm64"],
        begin: about_to_lock,
        killed_before: None,
    },
    Case { name: "env", verb: &["env"], begin: || World::new(Repository::fresh()), killed_before: None },
    Case {
        name: "env --update",
        verb: &["env", "--update"],
        begin: || with_settings("ENGINE=native\n"),
        killed_before: None,
    },
    Case {
        name: "env --set",
        verb: &["env", "--set", "LAB_NAME=lab", "--set", "SHM_SIZE=2gb"],
        begin: || with_settings(&format!("ENGINE=native\nWANDB_API_KEY={SECRET}\n")),
        killed_before: None,
    },
    Case {
        name: "env --unset",
        verb: &["env", "--unset", "LAB_NAME"],
        begin: || with_settings(&format!("ENGINE=native\nLAB_NAME=lab\nWANDB_API_KEY={SECRET}\n")),
        killed_before: None,
    },
    Case { name: "build, natively", verb: &["build"], begin: || with_settings("ENGINE=native\n"), killed_before: None },
    Case { name: "build anew, natively", verb: &["build", "--force"], begin: built, killed_before: None },
    Case { name: "change packages, natively", verb: &["build"], begin: about_to_change_packages, killed_before: None },
    Case {
        name: "build the project, natively",
        verb: &["build"],
        begin: about_to_install_the_project,
        killed_before: None,
    },
    Case { name: "down, natively", verb: &["down"], begin: built, killed_before: None },
    Case { name: "build", verb: &["build"], begin: || with_settings("ENGINE=docker\n"), killed_before: None },
    Case {
        name: "build all",
        verb: &["build", "all"],
        begin: || with_settings("ENGINE=docker\n"),
        killed_before: None,
    },
    Case { name: "up", verb: &["up"], begin: || with_settings("ENGINE=docker\n"), killed_before: None },
    Case {
        name: "up --jupyter",
        verb: &["up", "--jupyter"],
        begin: || with_settings("ENGINE=docker\n"),
        killed_before: None,
    },
    Case { name: "run", verb: &["run", "--", "true"], begin: with_image, killed_before: None },
    Case { name: "verify", verb: &["verify"], begin: locked_image, killed_before: None },
    Case { name: "verify, natively", verb: &["verify"], begin: locked_prefix, killed_before: None },
    Case { name: "prune", verb: &["prune", "--keep", "0"], begin: about_to_prune, killed_before: None },
    Case { name: "prune, natively", verb: &["prune"], begin: about_to_prune_natively, killed_before: None },
    Case {
        name: "check after a killed freeze",
        verb: &["check"],
        begin: about_to_freeze,
        killed_before: Some(&["freeze"]),
    },
    Case {
        name: "drift after a killed freeze",
        verb: &["drift"],
        begin: about_to_freeze,
        killed_before: Some(&["freeze"]),
    },
    Case {
        name: "thaw after a killed freeze",
        verb: &["thaw"],
        begin: about_to_freeze,
        killed_before: Some(&["freeze"]),
    },
];

fn with_settings(lines: &str) -> World {
    World::new(Repository::with_settings(lines))
}

fn with_image() -> World {
    World::new(Repository::with_settings("ENGINE=docker\n").image(RUNTIME))
}

/// Lets the environment have these packages and git of this version, and an index have the packages.
fn install(repository: &Repository, git: &str, packages: &[&str]) {
    let mut snapshot = snapshot(packages);
    snapshot["apt"] = json!([{"name": "git", "version": git, "architecture": "amd64"}]);
    repository.stand_ins.note("snapshot", &snapshot.to_string());
    offer(repository, packages);
}

fn succeed(world: &World, arguments: &[&str]) {
    let ending = world.run(arguments);
    assert_eq!(ending.code, Some(0), "{arguments:?}: {}", ending.said);
}

/// With a native environment that this tool has made.
fn built() -> World {
    let world = with_settings("ENGINE=native\n");
    world.repository.stand_ins.note("solves", "");
    succeed(&world, &["build"]);
    world
}

/// Frozen once.
fn frozen() -> World {
    let world = built();
    install(&world.repository, "1:2.39", &["tqdm 4.66.0"]);
    succeed(&world, &["freeze"]);
    world
}

/// Frozen once, and then the environment has changed: a newer version, one that was installed by hand, and another system
/// package, so that all files change.
pub fn about_to_freeze() -> World {
    let world = frozen();
    install(&world.repository, "1:2.47", &["rich 13.9.4", "tqdm 4.67.1"]);
    world
}

fn image_to_freeze() -> World {
    let world = with_image();
    install(&world.repository, "1:2.39", &["tqdm 4.66.0"]);
    world.repository.stand_ins.note("container", crate::installed::PROBE);
    world
}

/// An image, and a lock of what is in it.
fn locked_image() -> World {
    let world = image_to_freeze();
    succeed(&world, &["freeze"]);
    world
}

/// A native environment, and a lock of what is in it.
fn locked_prefix() -> World {
    let world = frozen();
    succeed(&world, &["build"]);
    world
}

fn about_to_lock() -> World {
    let world = with_settings("ENGINE=native\n");
    world.repository.stand_ins.note("python-found", "3.12.4\n");
    offer(&world.repository, &["tqdm 4.66.0"]);
    succeed(&world, &["lock"]);
    offer(&world.repository, &["tqdm 4.67.1"]);
    world
}

fn about_to_change_packages() -> World {
    let world = built();
    world.repository.write("dependencies/environment.yml", &ENVIRONMENT.replace("tqdm", "numpy"));
    world
}

fn about_to_install_the_project() -> World {
    let world = built();
    world.repository.write("python-project/pyproject.toml", &PYPROJECT.replace("0.1.0", "0.2.0"));
    world
}

/// With an old image, and a file that a killed `build` has left.
fn about_to_prune() -> World {
    let world = with_image();
    let name = RUNTIME.replace(":runtime", ":runtime-0123456789ab");
    let image = json!(["sha256:1", [name], [], "2026-11-25T12:00:00Z", null, {"xtask.inputs": "0"}, ["sha256:2"]]);
    world.repository.stand_ins.note("stored", &format!("{image}\n"));
    world.repository.stand_ins.note("history", "1\tRUN x\n");
    world.repository.write("target/xtask/saved.tar", "half");
    world
}

/// With a native environment and what killed commands have left beside it.
fn about_to_prune_natively() -> World {
    let world = built();
    for file in ["prefix-aside/file", "uv-begun/bin/uv", "base/layer.tar"] {
        world.repository.write(&format!("target/xtask/{file}"), "half");
    }
    world
}
