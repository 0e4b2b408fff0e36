//! Several platforms by one build.

use serde_json::Value;

use super::joined_base::JoinedBase;
use super::{MACHINE, MACHINES, machine_of, platforms_of};
use crate::support::{BOTH, Registry, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    trials![the_daemon_holds_one_image_for_both, an_archive_has_both]
}

fn the_daemon_holds_one_image_for_both(suite: &Suite) {
    let (repository, _turn) = suite.building("loaded");
    repository.ask_for_little();
    let registry = Registry::start();
    let base = JoinedBase::push(&registry);
    let mut build = repository.xtask(["build", "--platform", &BOTH.join(","), "--load"]);
    let done = build.env("BASE_IMAGE", base.name()).assert().success();
    let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert_eq!(told.matches("building `").count(), 1, "{told}");
    let name = repository.image("runtime");
    assert_eq!(BOTH.map(|it| machine_of(&name, it)), MACHINES);

    // `run` finds what was built.
    let run = ["run", "--platform", BOTH[1], "--"].into_iter().chain(MACHINE);
    let ran = repository.xtask(run).env("BASE_IMAGE", base.name()).assert().success();
    let told = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
    assert!(!told.contains("building "), "{told}");
    ran.stdout(format!("{}\n", MACHINES[1]));
}

fn an_archive_has_both(suite: &Suite) {
    let (repository, _turn) = suite.building("archived");
    repository.ask_for_little();
    let registry = Registry::start();
    let base = JoinedBase::push(&registry);
    let file = repository.directory("cluster").join("image.tar");
    let file = file.to_str().unwrap();
    let mut build = repository.xtask(["build", "--platform", &BOTH.join(","), "--output", &format!("oci:{file}")]);
    build.env("BASE_IMAGE", base.name()).assert().success();

    let layout = in_archive(file, "index.json");
    let digest = layout["manifests"][0]["digest"].as_str().unwrap();
    assert_eq!(platforms_of(&in_archive(file, &format!("blobs/{}", digest.replace(':', "/")))), BOTH);
}

/// A file of JSON in an archive.
fn in_archive(archive: &str, path: &str) -> Value {
    let mut tar = command("tar");
    tar.args(["--extract", "--to-stdout", "--file", archive, path]);
    let text = bounded(tar).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&text).expect("it is JSON")
}
