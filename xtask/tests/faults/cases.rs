//! The commands that change something, each with a repository that it changes.

use serde_json::json;

use crate::calls::SystemCall;
use crate::case::Case;
use crate::disturbed::SECRET;
use crate::fault::Fault;
use crate::installed::{offer, snapshot};
use crate::repository::{ENVIRONMENT, PYPROJECT, RUNTIME, Repository};
use crate::tree::Tree;
use crate::world::World;

/// All of them. [`SECRET`] is among the settings of some.
pub const CASES: [Case; 26] = [
    Case { name: "freeze", verb: &["freeze"], begin: || (about_to_freeze(), None) },
    Case { name: "freeze --full", verb: &["freeze", "--full"], begin: || (about_to_freeze(), None) },
    Case { name: "freeze --lock-only", verb: &["freeze", "--lock-only"], begin: || (about_to_freeze(), None) },
    Case { name: "freeze of an image", verb: &["freeze"], begin: || (image_to_freeze(), None) },
    Case { name: "thaw", verb: &["thaw"], begin: || (frozen(), None) },
    Case { name: "thaw tqdm", verb: &["thaw", "tqdm"], begin: || (frozen(), None) },
    Case { name: "lock", verb: &["lock"], begin: || (about_to_lock(), None) },
    Case {
        name: "lock --platform, twice",
        verb: &["lock", "--platform", "linux/amd64", "--platform", "linux/arm64"],
        begin: || (about_to_lock(), None),
    },
    Case { name: "env", verb: &["env"], begin: || (World::new(Repository::fresh()), None) },
    Case { name: "env --update", verb: &["env", "--update"], begin: || (with_settings("ENGINE=native\n"), None) },
    Case {
        name: "env --set",
        verb: &["env", "--set", "LAB_NAME=lab", "--set", "SHM_SIZE=2gb"],
        begin: || (with_settings(&format!("ENGINE=native\nWANDB_API_KEY={SECRET}\n")), None),
    },
    Case {
        name: "env --unset",
        verb: &["env", "--unset", "LAB_NAME"],
        begin: || (with_settings(&format!("ENGINE=native\nLAB_NAME=lab\nWANDB_API_KEY={SECRET}\n")), None),
    },
    Case { name: "build, natively", verb: &["build"], begin: || (with_settings("ENGINE=native\n"), None) },
    Case { name: "build anew, natively", verb: &["build"], begin: || (about_to_build_anew(), None) },
    Case { name: "build the project, natively", verb: &["build"], begin: || (about_to_install_the_project(), None) },
    Case { name: "down, natively", verb: &["down"], begin: || (built(), None) },
    Case { name: "build", verb: &["build"], begin: || (with_settings("ENGINE=docker\n"), None) },
    Case { name: "build all", verb: &["build", "all"], begin: || (with_settings("ENGINE=docker\n"), None) },
    Case { name: "up", verb: &["up"], begin: || (with_settings("ENGINE=docker\n"), None) },
    Case { name: "up --jupyter", verb: &["up", "--jupyter"], begin: || (with_settings("ENGINE=docker\n"), None) },
    Case { name: "run", verb: &["run", "--", "true"], begin: || (with_image(), None) },
    Case { name: "verify", verb: &["verify"], begin: || (locked_image(), None) },
    Case { name: "verify, natively", verb: &["verify"], begin: || (locked_prefix(), None) },
    Case { name: "check after a killed freeze", verb: &["check"], begin: amid_a_freeze },
    Case { name: "drift after a killed freeze", verb: &["drift"], begin: amid_a_freeze },
    Case { name: "thaw after a killed freeze", verb: &["thaw"], begin: amid_a_freeze },
];

fn with_settings(lines: &str) -> World {
    World::new(Repository::with_settings(lines))
}

fn with_image() -> World {
    World::new(Repository::with_settings("ENGINE=docker\n").image(RUNTIME))
}

/// Lets the environment have these packages and git of this version, and an index have the packages.
fn install(repository: &Repository, git: &str, packages: &[&str]) {
    let mut snapshot = snapshot(&[], packages);
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

fn about_to_build_anew() -> World {
    let world = built();
    world.repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - numpy\n"));
    world
}

fn about_to_install_the_project() -> World {
    let world = built();
    world.repository.write("python-project/pyproject.toml", &PYPROJECT.replace("0.1.0", "0.2.0"));
    world
}

/// A freeze was killed when it had changed one of its files. Also gives what was there before it.
pub fn amid_a_freeze() -> (World, Option<Tree>) {
    let world = about_to_freeze();
    let before = world.tree();
    let (_, calls) = world.trace(&["freeze"]);
    world.reset(&before);
    let second = renames_of_dependencies(&calls).nth(1).expect("a freeze changes several files");
    world.run_traced(&Fault::Signal { signal: "KILL", call: second.clone() }.options(), &["freeze"]);
    assert!(world.tree() != before, "something has changed");
    (world, Some(before))
}

/// The calls that put a new file of `dependencies/` in its place.
pub fn renames_of_dependencies(calls: &[SystemCall]) -> impl Iterator<Item = &SystemCall> {
    let names_it = |it: &&SystemCall| it.name.starts_with("rename") && it.text.contains("environment.yml");
    let names_a_lock = |it: &SystemCall| it.text.contains("lock.toml") || it.text.contains("apt.txt");
    calls.iter().filter(move |it| names_it(it) || (it.name.starts_with("rename") && names_a_lock(it)))
}
