//! What a build that fails ends with, and base images that would have made one fail.

use crate::support::docker::{docker, inspect};
use crate::support::{Subject, Suite, base_image, bounded, command, run_id, trials};

pub fn trials() -> Subject {
    trials![
        the_cause_comes_last_with_the_line_that_it_is_about,
        a_file_that_only_the_build_back_end_knows_of_is_found_when_it_misses_it,
        what_a_base_image_says_of_its_own_changes_nothing,
    ]
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
    let shell = "xtask: `cargo xtask shell --stage apt-runtime` opens a shell just before it\n";
    assert!(told.contains(shell), "{told}");
    let mut shell = repository.xtask(["shell", "--stage", "apt-runtime"]);
    let looked =
        shell.write_stdin("test -x /scripts/apt-runtime.sh && cat /lists/apt-runtime.txt; exit 3").assert().code(3);
    looked.stdout("ca-certificates\nno-such-package-of-anybody\n");
    let last = told.lines().next_back().unwrap();
    assert!(
        last.starts_with("error: ") && last.ends_with("Unable to locate package no-such-package-of-anybody"),
        "{last}"
    );
}

fn a_file_that_only_the_build_back_end_knows_of_is_found_when_it_misses_it(suite: &Suite) {
    let (repository, _turn) = suite.building("back-end");
    repository.ask_for_little();
    let hook = "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n\n\n\
                class Hook(BuildHookInterface):\n    def initialize(self, version, build_data):\n        \
                print(open(f'{self.root}/meta/BUILD').read())\n";
    repository.write("python-project/hatch_build.py", hook);
    std::fs::create_dir(repository.path("python-project/meta")).unwrap();
    repository.write("python-project/meta/BUILD", "7\n");
    repository.edit("python-project/pyproject.toml", |it| format!("{it}\n[tool.hatch.build.hooks.custom]\n"));
    let build = repository.xtask(["build", "runtime"]).assert().code(1);
    let told = String::from_utf8_lossy(&build.get_output().stderr).into_owned();
    let says = "xtask: the build back end reads `meta/BUILD`, which images do not get by themselves: add it to `build-files` of \
                [tool.xtask] in pyproject.toml\n";
    assert!(told.contains(says), "{told}");
    repository
        .edit("python-project/pyproject.toml", |it| format!("{it}\n[tool.xtask]\nbuild-files = [\"meta/BUILD\"]\n"));
    repository.xtask(["build", "runtime"]).assert().success();
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
