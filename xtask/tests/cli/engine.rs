//! Which engine it is, and what helps where there is none.

use crate::doctor::about;
use crate::repository::{RUNTIME, Repository};
use crate::stand_in::{Call, Daemon};

const NO_DAEMON: &str = "the Docker daemon does not answer: Cannot connect to the Docker daemon at \
                         unix:///var/run/docker.sock. Is the docker daemon running?";

/// The ways in which Docker can be missing, each with the words for it: those of `doctor`, with its remedy.
fn without_docker(settings: &str) -> [(Repository, String); 4] {
    let repository = || Repository::with_settings(settings);
    [
        (repository().without("docker"), "docker client", "Docker is not installed"),
        (repository().daemon(Daemon::Down), "docker daemon", NO_DAEMON),
        (repository().daemon(Daemon::Denied), "docker daemon", "you have no permission to use the Docker daemon"),
        (repository().daemon(Daemon::Old), "docker daemon", "Docker 19.03.15 is too old: 20.10 or newer is needed"),
    ]
    .map(|(repository, fact, text)| {
        let reason = explanation(&repository, fact, text);
        (repository, reason)
    })
}

/// The line of `doctor` about a fact, which has to be `text`, as other verbs say it.
fn explanation(repository: &Repository, fact: &str, text: &str) -> String {
    let it = about(repository, fact);
    assert_eq!((it.state.as_str(), it.text.as_str()), ("missing", text));
    repository.stand_ins.forget();
    format!("{text} (fix: {})", it.fix.unwrap())
}

#[test]
fn without_docker_the_native_engine_is_used_and_the_reason_said_in_one_line() {
    for (repository, reason) in without_docker("") {
        let expected = format!(
            "xtask: using the native engine, because {reason}\n\
             xtask: building `.venv` with uv, because no package needs conda\n\
             xtask: `.venv` is up to date\n"
        );
        repository.xtask(["build"]).exits(0).stdout("").stderr(&expected);
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
        assert!(repository.path(".venv/bin/python").exists());

        let expected = format!("xtask: using the native engine, because {reason}\n");
        repository.xtask(["run", "--", "sh", "-c", "echo here"]).exits(0).stdout("here\n").stderr(&expected);
    }
}

#[test]
fn whoever_insists_on_docker_is_told_what_helps() {
    for (repository, reason) in without_docker("ENGINE=docker\n") {
        let before = repository.tree();
        repository.xtask(["build"]).exits(1).stdout("").stderr(&format!("error: {reason}\n"));
        repository.xtask(["run", "true"]).exits(125).stdout("").stderr(&format!("error: {reason}\n"));
        repository.xtask(["shell"]).exits(125).stdout("").stderr(&format!("error: {reason}\n"));
        repository.xtask(["exec", "true"]).exits(125).stdout("").stderr(&format!("error: {reason}\n"));
        for verb in ["up", "logs", "status", "stop", "start", "restart", "down"] {
            repository.xtask([verb]).exits(1).stdout("").stderr(&format!("error: {reason}\n"));
        }
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
        assert_eq!(repository.calls("uv"), Vec::<Call>::new());
        assert_eq!(repository.tree(), before, "nothing was changed");
    }
}

#[test]
fn whoever_chose_the_native_engine_hears_nothing_of_docker() {
    let repository = Repository::fresh();
    repository.xtask(["env", "--set", "ENGINE=native"]).exits(0);
    repository.stand_ins.forget();
    repository.xtask(["build"]).exits(0).never_says("ocker");
    repository.xtask(["run", "--", "sh", "-c", ":"]).exits(0).stdout("").stderr("");
    assert_eq!(repository.docker_calls(), Vec::<Call>::new());
}

#[test]
fn a_missing_buildx_names_the_package() {
    let repository = Repository::with_settings("").note("no-buildx");
    let plugin = explanation(&repository, "buildx", "Docker has no working `buildx` plugin");
    let before = repository.tree();
    repository.xtask(["build"]).exits(1).stdout("").stderr(&format!("error: {plugin}\n"));
    let expected = format!("xtask: `{RUNTIME}` has not been built yet\nerror: {plugin}\n");
    repository.xtask(["run", "true"]).exits(125).stdout("").stderr(&expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    assert_eq!(repository.tree(), before);
}

#[test]
fn an_image_that_is_there_runs_without_buildx() {
    let repository = Repository::with_settings("").note("no-buildx").image(RUNTIME).container("echo ran");
    repository.xtask(["run", "true"]).exits(0).stdout("ran\n").stderr("");
}

#[test]
fn a_missing_compose_names_the_package() {
    let repository = Repository::with_settings("").note("no-compose").image(RUNTIME);
    let plugin = explanation(&repository, "compose", "Docker has no working `compose` plugin");
    for verb in [["run", "true"], ["dev", "true"], ["shell", "--root"]] {
        repository.xtask(verb).exits(125).stdout("").stderr_has(&format!("error: {plugin}\n"));
    }
    repository.xtask(["up"]).exits(1).stdout("").stderr_has(&format!("error: {plugin}\n"));
    let builds = repository.docker_changes().iter().all(|it| it[0] == "buildx");
    assert!(builds, "nothing was run: {:?}", repository.docker_changes());
}
