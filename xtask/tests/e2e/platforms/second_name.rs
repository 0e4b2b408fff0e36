//! Two platforms of a processor that has two names, for machines that emulate no other.

use std::fs;

use super::joined_base::{join, push_as};
use super::platforms_there;
use crate::support::docker::{answer, docker};
use crate::support::{Registry, Repository, Subject, Suite, base_image, trials};

pub fn trials() -> Subject {
    trials![a_processor_that_the_machine_has_too_needs_no_emulator]
}

fn a_processor_that_the_machine_has_too_needs_no_emulator(suite: &Suite) {
    let (repository, _turn) = suite.building("second-name");
    repository.ask_for_little();
    let registry = Registry::start();
    let own = base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned());
    let base = base_of_two(&repository, &own, &registry.image("base"));

    let environment = [("REGISTRY_HOSTNAME", registry.address()), ("BASE_IMAGE", &base)];
    let mut build = repository.xtask(["build", "--platform", "linux/amd64,linux/386", "--push"]);
    build.envs(environment).assert().success();
    assert_eq!(platforms_there(&registry.image(&repository.image("runtime"))), ["linux/amd64", "linux/386"]);

    let run = ["run", "--platform", "linux/386", "--", "python", "-c", "print('ran')"];
    repository.xtask(run).envs(environment).assert().success().stdout("ran\n");
}

/// Pushes a base image as one for two platforms: the second is the same files, which the processor runs under either name.
fn base_of_two(repository: &Repository, own: &str, name: &str) -> String {
    let directory = repository.directory("base");
    let container = answer(["create", own, "true"]);
    let files = directory.join("root.tar");
    docker(["export", "--output", files.to_str().unwrap(), &container]).assert().success();
    docker(["rm", &container]).assert().success();
    fs::write(directory.join("Dockerfile"), "FROM scratch\nADD root.tar /\n").unwrap();
    let one = push_as(own, format!("{name}:amd64"));
    let other = format!("{name}:386");
    let build = ["buildx", "build", "--platform", "linux/386", "--push", "--tag", &other, directory.to_str().unwrap()];
    docker(build).assert().success();
    join(&[one, other], format!("{name}:both"))
}
