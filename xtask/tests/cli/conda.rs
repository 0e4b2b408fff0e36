//! Packages that only conda has, with Docker.

use crate::repository::Repository;
use crate::stand_in::argv;

const WITH_MKL: &str =
    "channels: [conda-forge]\ndependencies:\n  - python=3.12\n  - mkl # fast\n  - pip:\n    - tqdm\n";

#[test]
fn they_are_installed_by_conda() {
    let repository = Repository::with_settings("").dependencies(WITH_MKL);
    let says = "xtask: building `sci/jdoe/tiny-project:runtime` with conda, because `mkl` comes from conda\n";
    repository.xtask(["build"]).exits(0).stdout("").stderr_has(says);
    let expected = argv(
        "buildx build --load --file [ROOT]/installation/docker-amd64/Dockerfile --target runtime \
         --tag sci/jdoe/tiny-project:runtime --tag sci/jdoe/tiny-project:runtime-[HASH] --label xtask.inputs=[INPUTS] --build-arg BASE_IMAGE=ubuntu:24.04 --build-arg SOLVER=conda \
         [ROOT]/target/xtask/context",
    );
    assert_eq!(repository.docker_changes(), [expected]);
    let conda = repository.read("target/xtask/context/conda.yml");
    assert_eq!(conda, "channels:\n- conda-forge\ndependencies:\n- mkl\n- python=3.12\n");
    assert_eq!(repository.read("target/xtask/context/requirements.txt"), "tqdm\n");
}

#[test]
fn micromamba_comes_from_the_image_of_the_settings() {
    let lines = "MICROMAMBA_IMAGE=registry.example.org/micromamba:2\n";
    let repository = Repository::with_settings(lines).dependencies(WITH_MKL);
    repository.xtask(["build"]).exits(0);
    let line = repository.docker_changes()[0].join(" ");
    assert!(line.contains(" --build-arg MICROMAMBA_IMAGE=registry.example.org/micromamba:2 "), "{line}");

    let repository = Repository::with_settings(lines);
    repository.xtask(["build"]).exits(0);
    let line = repository.docker_changes()[0].join(" ");
    assert!(!line.contains("MICROMAMBA_IMAGE"), "a build that does not need it does not fetch it: {line}");
}

#[test]
fn conda_can_be_chosen_without_need() {
    let repository = Repository::with_settings("SOLVER=conda\n");
    repository.xtask(["build"]).exits(0).stderr_has("with conda, because SOLVER=conda\n");
    assert!(repository.docker_changes()[0].contains(&"SOLVER=conda".to_owned()));
    assert!(repository.path("target/xtask/context/conda.yml").exists());
}
