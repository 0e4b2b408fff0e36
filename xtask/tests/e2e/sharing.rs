//! Images for colleagues, and for other platforms.

use std::fs;

use serde_json::Value;

use crate::support::docker::{answer, docker, image_id, remove_images_in};
use crate::support::{Registry, Repository, Subject, Suite, base_image, trials};

pub fn trials() -> Subject {
    let mut trials = trials![
        what_one_has_pushed_a_colleague_pulls_instead_of_building,
        an_image_for_a_cluster_is_a_file_that_docker_reads_too,
        a_registry_that_is_not_there_is_told_from_an_image_that_is_not,
        a_processor_that_nothing_emulates_is_refused_before_the_build,
    ];
    // Such a processor runs the programs of linux/386 itself.
    if cfg!(target_arch = "x86_64") {
        trials.extend(trials![two_platforms_become_one_image_in_the_registry]);
    }
    trials
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn what_one_has_pushed_a_colleague_pulls_instead_of_building(suite: &Suite) {
    let (first, _turn) = suite.building("pushing");
    let registry = Registry::start();
    let name = registry.image("lab/x");
    first.build("runtime");
    first.xtask(["push", "--to", &name]).assert().success();

    let second = Repository::copy("pulling");
    second.xtask(["pull", "--from", &name]).assert().success();
    assert_eq!(image_id(&second.image("runtime")), image_id(&first.image("runtime")));
    let told = stderr(&second.xtask(["build"]).assert().success());
    assert!(told.contains(" is up to date, built "), "{told}");
    assert_eq!(second.output_of(["python", "-c", "import numpy; print('there')"]), "there\n");

    // Of other inputs there is none with the same hash; the newest is better than nothing, and says how it differs.
    second.edit("dependencies/apt-runtime.txt", |it| format!("{it}\ntree\n"));
    let told = stderr(&second.xtask(["pull", "--from", &name]).assert().success());
    assert!(told.contains("has none of these inputs; pulling its newest") && told.contains("+ tree"), "{told}");
}

fn an_image_for_a_cluster_is_a_file_that_docker_reads_too(suite: &Suite) {
    let (repository, _turn) = suite.building("archive");
    let file = repository.directory("cluster").join("image.tar");
    repository.xtask(["build", "--output", file.to_str().unwrap()]).assert().success();
    let built = image_id(&repository.image("runtime"));
    // The suite's image may be the very same: only the name goes.
    docker(["image", "rm", &repository.image("runtime")]).assert().success();
    docker(["load", "--quiet", "--input", file.to_str().unwrap()]).assert().success();
    assert_eq!(image_id(&repository.image("runtime")), built);
}

fn a_registry_that_is_not_there_is_told_from_an_image_that_is_not(suite: &Suite) {
    let registry = Registry::start();
    let repository = Repository::copy("not-there");
    let name = registry.image("lab/nothing");
    let told = stderr(&repository.xtask(["pull", "--from", &name]).assert().code(1));
    assert!(told.contains("has no image of runtime: `cargo xtask build runtime` makes it"), "{told}");
    let told = stderr(&repository.xtask(["pull", "--from", "127.0.0.1:1/lab/x"]).assert().code(1));
    assert!(told.contains("the registry does not answer") && told.contains("(fix: cargo xtask doctor"), "{told}");
    let told = stderr(&suite.repository.xtask(["push", "--to", "127.0.0.1:1/lab/x"]).assert().code(1));
    remove_images_in("127.0.0.1:1");
    assert!(told.contains("the registry does not answer"), "{told}");
}

fn a_processor_that_nothing_emulates_is_refused_before_the_build(suite: &Suite) {
    let listed = answer(["buildx", "inspect", "default"]);
    for platform in ["linux/arm64", "linux/nosuch"].into_iter().filter(|it| !listed.contains(it)) {
        let told = stderr(&suite.repository.xtask(["build", "--platform", platform]).assert().code(1));
        assert!(told.contains(&format!("cannot run programs for {platform}: it has linux/")), "{told}");
        assert!(told.contains("(fix: ") && !told.contains("building `"), "{told}");
        suite.repository.xtask(["run", "--platform", platform, "true"]).assert().code(125);
    }
}

fn two_platforms_become_one_image_in_the_registry(suite: &Suite) {
    let (repository, _turn) = suite.building("platforms");
    let registry = Registry::start();
    let own = base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned());
    let base = registry.image("base");
    base_of_two(&repository, &own, &base);

    let environment = [("REGISTRY_HOSTNAME", registry.address()), ("BASE_IMAGE", &format!("{base}:both"))];
    let mut build = repository.xtask(["build", "--platform", "linux/amd64,linux/386", "--push"]);
    let told = stderr(&build.envs(environment).assert().success());
    let store = answer(["info", "--format", "{{.DriverStatus}}"]);
    assert_eq!(told.contains("joining "), !store.contains("io.containerd.snapshotter"), "{told}");
    let name = repository.image("runtime");
    let there = answer(["buildx", "imagetools", "inspect", "--raw", &registry.image(&name)]);
    let there: Value = serde_json::from_str(&there).unwrap();
    let architectures: Vec<&Value> =
        there["manifests"].as_array().unwrap().iter().map(|it| &it["platform"]["architecture"]).collect();
    assert_eq!(architectures, ["amd64", "386"]);

    let run = ["run", "--platform", "linux/386", "--", "python", "-c", "print('ran')"];
    repository.xtask(run).envs(environment).assert().success().stdout("ran\n");
}

/// Pushes a base image as one for two platforms: the second is the same files, which the processor runs under either name.
fn base_of_two(repository: &Repository, own: &str, name: &str) {
    let directory = repository.directory("base");
    let container = answer(["create", own, "true"]);
    let files = directory.join("root.tar");
    docker(["export", "--output", files.to_str().unwrap(), &container]).assert().success();
    docker(["rm", &container]).assert().success();
    fs::write(directory.join("Dockerfile"), "FROM scratch\nADD root.tar /\n").unwrap();
    let (one, other) = (format!("{name}:amd64"), format!("{name}:386"));
    docker(["tag", own, &one]).assert().success();
    docker(["push", "--quiet", &one]).assert().success();
    let build = ["buildx", "build", "--platform", "linux/386", "--push", "--tag", &other, directory.to_str().unwrap()];
    docker(build).assert().success();
    docker(["buildx", "imagetools", "create", "--tag", &format!("{name}:both"), &one, &other]).assert().success();
}
