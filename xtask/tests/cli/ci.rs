//! `cargo xtask ci`

use crate::ended::Ended;
use crate::repository::Repository;
use crate::stand_in::{Call, Daemon, argv};

/// A repository on a machine where every check passes.
fn healthy() -> Repository {
    Repository::with_settings("").stand_in("cargo").file(".ci/run", "#!/bin/sh\n").file("xtask/tests/cli/main.rs", "")
}

/// The name and the result of each step, in order; the times differ.
fn results(ended: &Ended) -> Vec<(&str, &str)> {
    let lines = ended.err().lines().filter_map(|it| it.strip_prefix("<== "));
    lines.map(|it| (it.split_once(" (").unwrap().0, it.split_once(" s) ").unwrap().1)).collect()
}

#[test]
fn every_step_says_its_name_and_result_and_the_last_line_counts_them() {
    let ended = healthy().xtask(["ci"]);
    ended.exits(0);
    assert!(ended.out().ends_with("\n10 passed, 0 failed, 0 skipped\n"), "{ended:#?}");
    let results = results(&ended);
    assert_eq!(results.len(), 10);
    for (name, result) in results {
        assert_eq!(result, "passed", "{name}");
        ended.stderr_has(&format!("\n==> {name}\n"));
    }
}

#[test]
fn a_step_that_fails_keeps_no_other_from_running() {
    let ended = healthy().note("cargo-fmt-fails").note("cargo-clippy-fails").xtask(["ci"]);
    ended.exits(1);
    assert!(ended.out().ends_with("\n8 passed, 2 failed, 0 skipped\n"), "{ended:#?}");
    let failed: Vec<&str> = results(&ended).iter().filter(|it| it.1.starts_with("FAILED: ")).map(|it| it.0).collect();
    assert_eq!(failed, ["format", "lint"]);
    ended.stderr_has("exit code 1 of `cd [ROOT] && cargo fmt --all --check`");
}

#[test]
fn without_a_daemon_what_needs_one_is_skipped_visibly_unless_it_is_demanded() {
    let repository = healthy().daemon(Daemon::Down);
    let ended = repository.xtask(["ci"]);
    ended.exits(0);
    assert!(ended.out().ends_with("\n9 passed, 0 failed, 1 skipped\n"), "{ended:#?}");
    let (name, result) = *results(&ended).last().unwrap();
    assert_eq!(name, "end-to-end tests");
    assert!(result.starts_with("skipped: the Docker daemon does not answer"), "{result}");

    let ended = repository.xtask(["ci", "--e2e"]);
    ended.exits(1);
    assert!(ended.out().ends_with("\n9 passed, 1 failed, 0 skipped\n"), "{ended:#?}");
}

#[test]
fn all_fault_tests_run_where_somebody_asks_for_them() {
    let fault_tests = |repository: &Repository| -> Vec<Call> {
        let calls = repository.calls("cargo");
        calls.into_iter().filter(|it| it.contains(&"faults".to_owned())).collect()
    };
    let repository = healthy();
    repository.xtask(["ci"]).exits(0);
    assert_eq!(fault_tests(&repository), Vec::<Call>::new());

    let ended = repository.xtask(["ci", "--faults"]);
    ended.exits(0);
    assert!(ended.out().ends_with("\n11 passed, 0 failed, 0 skipped\n"), "{ended:#?}");
    assert_eq!(fault_tests(&repository), [argv("test --package xtask --test faults -- --ignored")]);
}

#[test]
fn without_compose_its_file_is_skipped_visibly() {
    let ended = healthy().note("no-compose").xtask(["ci"]);
    ended.exits(0);
    let skipped: Vec<&str> = results(&ended).iter().filter(|it| it.1.starts_with("skipped: ")).map(|it| it.0).collect();
    assert_eq!(skipped, ["compose file"]);
}

#[test]
fn without_nextest_the_tests_run_by_cargo_itself() {
    let tests = |repository: Repository| -> Vec<Call> {
        repository.xtask(["ci"]).exits(0);
        repository.calls("cargo").into_iter().filter(|it| it.contains(&"--no-fail-fast".to_owned())).collect()
    };
    assert_eq!(tests(healthy())[0][..2], ["nextest", "run"]);
    assert_eq!(tests(healthy().note("cargo-nextest-fails"))[0][..1], ["test"]);
}

#[test]
fn what_the_benchmarks_measure_against_is_linted_too_where_it_is_there() {
    let linted = |repository: &Repository, file: &str| {
        repository.stand_ins.forget();
        repository.xtask(["ci"]).exits(0);
        repository.calls("uv").iter().filter(|it| it.contains(&format!("[ROOT]/{file}"))).count()
    };
    let files = [
        "benchmarks/control/Dockerfile",
        "benchmarks/control/entrypoint.sh",
        "benchmarks/strong-control/Dockerfile",
        "benchmarks/pushed.sh",
    ];
    let repository = healthy();
    assert_eq!(files.map(|it| linted(&repository, it)), [0, 0, 0, 0]);
    let repository = files.into_iter().fold(repository, |it, file| it.file(file, ""));
    assert_eq!(files.map(|it| linted(&repository, it)), [1, 1, 1, 1]);
}

#[test]
fn a_dry_run_changes_nothing() {
    let repository = healthy();
    let before = repository.tree();
    repository.xtask(["ci", "--dry-run"]).exits(0).stdout_has("cargo fmt --all --check\n");
    assert_eq!(repository.tree(), before);
    assert!(repository.calls("cargo").iter().all(|it| *it == ["nextest", "--version"]));
}

#[test]
fn mistakes_in_the_inputs_fail_and_are_shown() {
    let repository = healthy().dependencies("dependencies:\n  - python=\"3\n");
    repository.xtask(["ci"]).exits(1).stderr_has("error[").stderr_has("<== inputs (");
    let repository = repository.variable("GITHUB_ACTIONS", "true");
    repository.xtask(["ci"]).exits(1).stderr_has("::error file=dependencies/environment.yml,line=2,col=");
}

#[test]
fn where_the_tools_tests_are_not_the_project_is_checked_and_the_images() {
    let project = || Repository::with_settings("").stand_in("cargo");
    let names = |ended: &Ended| results(ended).iter().map(|it| it.0.to_owned()).collect::<Vec<_>>();
    let expected = ["inputs", "Dockerfile", "shell scripts", "compose file", "Python tests", "images"];
    let repository = project();
    let ended = repository.xtask(["ci", "--faults"]);
    ended.exits(0).never_says("skipped: ");
    assert!(ended.out().ends_with("\n6 passed, 0 failed, 0 skipped\n"), "{ended:#?}");
    assert_eq!(names(&ended), expected);
    assert_eq!(repository.calls("cargo"), [argv("xtask build all"), argv("xtask run -- python -m pytest")]);

    let ended = project().daemon(Daemon::Down).xtask(["ci"]);
    ended.exits(0);
    assert!(ended.out().ends_with("\n5 passed, 0 failed, 1 skipped\n"), "{ended:#?}");
    let ended = project().daemon(Daemon::Down).xtask(["ci", "--e2e"]);
    ended.exits(1);
    assert!(ended.out().ends_with("\n5 passed, 1 failed, 0 skipped\n"), "{ended:#?}");
}
