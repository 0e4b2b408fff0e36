//! What a build that fails ends with, and base images that would have made one fail.

use crate::support::docker::{docker, inspect};
use crate::support::{Subject, Suite, base_image, bounded, command, run_id, trials};

pub fn trials() -> Subject {
    trials![the_cause_comes_last_with_the_line_that_it_is_about, what_a_base_image_says_of_its_own_changes_nothing,]
}

fn the_cause_comes_last_with_the_line_that_it_is_about(suite: &Suite) {
    let (repository, _turn) = suite.building("failing");
    repository.write("dependencies/apt-runtime.txt", "ca-certificates\nno-such-package-of-anybody\n");
    let build = repository.xtask(["build", "runtime"]).assert().code(1);
    let told = String::from_utf8_lossy(&build.get_output().stderr).into_owned();
    assert!(
        told.contains("xtask: it is about dependencies/apt-runtime.txt:2: `no-such-package-of-anybody`\n"),
        "{told}"
    );
    let last = told.lines().next_back().unwrap();
    assert!(
        last.starts_with("error: ") && last.ends_with("Unable to locate package no-such-package-of-anybody"),
        "{last}"
    );
}

fn what_a_base_image_says_of_its_own_changes_nothing(suite: &Suite) {
    let (repository, _turn) = suite.building("inherited");
    let base = format!("xtask-e2e/{}/inherited:base", run_id());
    let said = "USER 1000\nSHELL [\"/nowhere/sh\", \"-c\"]\nHEALTHCHECK CMD false\nSTOPSIGNAL SIGQUIT\n";
    let context = repository.directory("base");
    let from = base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned());
    std::fs::write(context.join("Dockerfile"), format!("FROM {from}\n{said}")).unwrap();
    let mut build = command("docker");
    build.args(["build", "--quiet", "--tag", &base]).arg(&context);
    bounded(build).assert().success();
    repository.ask_for_little();
    let mut runtime = repository.xtask(["build", "runtime"]);
    runtime.env("BASE_IMAGE", &base).assert().success();
    let config = inspect("image", &repository.image("runtime"))["Config"].clone();
    assert_eq!((&config["StopSignal"], &config["Healthcheck"]["Test"][0]), (&"SIGTERM".into(), &"NONE".into()));
    docker(["image", "rm", &base]).assert().success();
}
