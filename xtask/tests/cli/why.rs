//! `cargo xtask why`

use crate::repository::{RUNTIME, Repository};

const PROGRESS: &str = "#5 [base 1/1] FROM ubuntu:24.04\n#5 CACHED\n#6 [apt-runtime 1/1] RUN apt\n#6 DONE 2.5s\n\
                        #7 [layers-1 1/1] COPY --from=layer-1 /layer /\n#7 DONE 0.5s\n#8 exporting to image\n#8 DONE 1.2s\n";

#[test]
fn before_the_first_build_it_says_what_would_be_built() {
    let repository = Repository::with_settings("");
    let expected =
        format!("`{RUNTIME}` would be built:\n  there is no image of it\nno build is known in this checkout\n");
    repository.xtask(["why"]).exits(0).stdout(&expected).stderr("");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_build_is_remembered_with_why_and_which_steps_were_not_cached() {
    let repository = Repository::with_settings("").image("ubuntu:24.04");
    repository.stand_ins.note("progress", PROGRESS);
    repository.xtask(["build"]).exits(0);
    let told = repository.xtask(["why"]);
    told.exits(0).stdout_has(" of runtime, took ");
    told.stdout_has("  there is no image of it\n1 of its 3 steps were in the cache; these were not:\n");
    told.stdout_has("  2.5 s  apt-runtime  dependencies/apt-runtime.txt\n");
    told.stdout_has("  0.5 s  layers-1     the packages of a layer below\n");

    repository.write("dependencies/apt-runtime.txt", "libsndfile1\n");
    let told = repository.xtask(["why"]);
    told.exits(0).stdout_has(&format!("`{RUNTIME}` would be built:\n"));
    repository.xtask(["build"]).exits(0);
    let told = repository.xtask(["why"]);
    told.exits(0).stdout_has(&format!("`{RUNTIME}` is up to date: nothing would be built\n"));
    told.stdout_has("the last 2 builds:\nBUILT ");
    let other = repository.xtask(["why", "dev"]);
    other.exits(0).stdout_has("no build is known in this checkout\n");
}

#[test]
fn a_build_that_failed_is_remembered_with_its_cause() {
    let repository = Repository::with_settings("").image("ubuntu:24.04");
    repository.stand_ins.note("build-fails", "no room");
    repository.xtask(["build"]).exits(1);
    repository.xtask(["why"]).exits(0).stdout_has("  it failed: ");
}

#[test]
fn what_another_version_has_written_is_left_out() {
    let repository = Repository::with_settings("");
    repository.write("target/xtask/builds.jsonl", "{\"time\": 3}\nrubbish\n");
    repository.xtask(["why"]).exits(0).stdout_has("no build is known in this checkout\n");
}

#[test]
fn a_build_is_none_the_worse_where_it_cannot_be_remembered() {
    let repository = Repository::with_settings("");
    std::fs::create_dir_all(repository.path("target/xtask/builds.jsonl")).unwrap();
    repository.xtask(["build"]).exits(0);
}
