//! What is known of the dev container without asking Docker: it saves `exec` and `shell` a question, and misleads nobody.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::repository::{DEV, Repository};
use crate::stand_in::Call;
use crate::up::{ID, living, put};

const KNOWN: &str = "target/xtask/dev-container.json";

/// The full id of the container that is known.
const FULL_ID: &str = "0f4c1e5ad2b36978f4c1e5ad2b369780f4c1e5ad2b36978f4c1e5ad2b3697800";

/// A repository whose dev container is known to run. Docker lists another one, so that the two can be told apart.
fn knowing() -> Repository {
    // With all settings in its file: for one that is missing, Docker may have to be asked.
    let repository = Repository::fresh().image(DEV);
    repository.xtask(["up"]).exits(0);
    put(&repository, "running", "");
    let answer = line_of(&repository, FULL_ID, "running");
    know(&repository, &json!({"asked": [[null, null, null], name(&repository), null], "answer": answer}));
    show(&repository, "populated 1\nfrozen 0\n");
    repository.stand_ins.forget();
    repository
}

/// What is known, with the place where the kernel shows whether the container runs.
fn know(repository: &Repository, known: &Value) {
    let mut known = known.clone();
    known["control_group"] = group(repository).to_str().into();
    repository.write(KNOWN, &known.to_string());
}

fn change(repository: &Repository, key: &str, value: Value) {
    let mut known: Value = serde_json::from_str(&repository.read(KNOWN)).unwrap();
    known[key] = value;
    repository.write(KNOWN, &known.to_string());
}

fn line_of(repository: &Repository, id: &str, state: &str) -> String {
    let directory = repository.path("installation/docker-amd64");
    [id, "p-dev-1", state, "", DEV, "dev", "False", "", directory.to_str().unwrap(), "", "", ""].join("\t")
}

fn group(repository: &Repository) -> PathBuf {
    repository.temp("docker").join(FULL_ID)
}

/// Has the kernel show what is going on in its control group.
fn show(repository: &Repository, events: &str) {
    fs::create_dir_all(group(repository)).unwrap();
    fs::write(group(repository).join("cgroup.events"), events).unwrap();
}

/// The name of the compose project.
fn name(repository: &Repository) -> String {
    let shown = repository.xtask(["env", "--show"]);
    let name = shown.out().lines().find_map(|it| it.strip_prefix("COMPOSE_PROJECT_NAME=")).unwrap();
    name.trim_matches('\'').to_owned()
}

/// The first words of all calls of Docker.
fn verbs(repository: &Repository) -> Vec<String> {
    repository.docker_calls().iter().map(|it| it[0].clone()).collect()
}

fn is_in(call: &Call, id: &str) -> bool {
    call.iter().any(|it| it == id)
}

/// Has `exec` find out by itself, and forgets what was asked before.
fn asks(repository: &Repository, why: &str) {
    repository.stand_ins.forget();
    repository.xtask(["exec", "true"]).exits(0).stderr("");
    assert_eq!(verbs(repository), ["ps", "exec"], "{why}");
    assert!(is_in(&repository.docker_calls()[1], ID), "{why}");
}

#[test]
fn docker_is_asked_nothing_before_the_command_starts() {
    let repository = knowing().container("echo ran; exit 3");
    for arguments in [["exec", "true"], ["shell", "--root"]] {
        repository.stand_ins.forget();
        repository.xtask(arguments).exits(3).stdout("ran\n").stderr("");
        assert_eq!(verbs(&repository), ["exec"], "{arguments:?}");
        assert!(is_in(&repository.docker_calls()[0], FULL_ID), "{arguments:?}");
    }
}

#[test]
fn that_it_is_out_of_date_is_told_all_the_same() {
    let repository = knowing();
    let labels = ["0123", r#"{"BASE_IMAGE":"debian:11"}"#, "[]"].join("\t");
    let answer = line_of(&repository, FULL_ID, "running");
    change(&repository, "answer", format!("{}{labels}", answer.trim_end_matches('\t').to_owned() + "\t").into());
    repository.stand_ins.forget();
    repository.xtask(["exec", "true"]).exits(0).stderr_has("xtask: warning: the dev container is out of date (");
    assert_eq!(verbs(&repository), ["exec"]);
}

#[test]
fn one_that_may_not_run_any_more_is_asked_about() {
    let repository = knowing();
    for (events, why) in [
        ("populated 0\nfrozen 0\n", "it has ended"),
        ("populated 1\nfrozen 1\n", "it is paused"),
        ("", "the kernel does not tell"),
    ] {
        show(&repository, events);
        asks(&repository, why);
        know_again(&repository);
    }
    fs::remove_dir_all(group(&repository)).unwrap();
    asks(&repository, "it is gone");
}

/// What Docker has answered meanwhile is of no use here: its container does not run on this machine.
fn know_again(repository: &Repository) {
    assert!(!repository.path(KNOWN).exists());
    let answer = line_of(repository, FULL_ID, "running");
    know(repository, &json!({"asked": [[null, null, null], name(repository), null], "answer": answer}));
}

#[test]
fn whatever_stands_in_its_file_docker_says_which_container_it_is() {
    let repository = knowing();
    let right = repository.read(KNOWN);
    let line = line_of(&repository, FULL_ID, "running");
    let elsewhere = line.replace(repository.path("").to_str().unwrap(), "/elsewhere/");
    let nowhere = line.replace(repository.path("installation/docker-amd64").to_str().unwrap(), "");
    let short = line.replace(FULL_ID, &FULL_ID[..12]);
    let other_group = repository.temp("docker").join("f".repeat(64));
    fs::create_dir_all(&other_group).unwrap();
    fs::copy(group(&repository).join("cgroup.events"), other_group.join("cgroup.events")).unwrap();
    let mut changes = vec![
        ("answer", json!(elsewhere), "another checkout's"),
        ("answer", json!(nowhere), "perhaps another checkout's"),
        ("answer", json!(short), "not by its full id"),
        ("answer", json!(line.replace("\tdev\t", "\t\t")), "no dev container"),
        ("answer", json!(line_of(&repository, FULL_ID, "exited")), "one that does not run"),
        ("answer", json!(7), "no answer"),
        ("control_group", json!(other_group.to_str()), "the group of another container"),
        ("control_group", Value::Null, "no group"),
    ];
    let other_address = json!([["tcp://x", null, null], name(&repository), null]);
    for asked in [json!([[null, null, null], "other", null]), other_address, Value::Null] {
        changes.push(("asked", asked, "another question"));
    }
    for (key, value, why) in changes {
        repository.write(KNOWN, &right);
        change(&repository, key, value);
        asks(&repository, why);
    }
    for (text, why) in [(&right[..right.len() / 2], "half of a file"), ("", "an empty file"), ("[]", "another file")] {
        repository.write(KNOWN, text);
        asks(&repository, why);
    }
}

#[test]
fn whoever_turns_to_another_daemon_is_not_led_to_the_container_of_this_one() {
    let repository = knowing().variable("DOCKER_HOST", "tcp://elsewhere");
    asks(&repository, "another daemon by its address");
    let repository = knowing().variable("DOCKER_CONTEXT", "elsewhere");
    asks(&repository, "another daemon by a context");
    let repository = knowing();
    fs::create_dir(repository.temp("home/.docker")).unwrap();
    fs::write(repository.temp("home/.docker/config.json"), r#"{"currentContext": "elsewhere"}"#).unwrap();
    asks(&repository, "another daemon by `docker context use`");
}

#[test]
fn whoever_changes_the_name_of_the_containers_is_not_led_to_the_old_one() {
    let repository = knowing().variable("COMPOSE_PROJECT_NAME", "another-name");
    asks(&repository, "another name");
}

#[test]
fn where_docker_refuses_the_reason_is_explained() {
    let text = "echo 'Error response from daemon: Container is not running' >&2; exit 1";
    let refused = "Error response from daemon: Container is not running\n";
    for (state, says) in [
        ("exited", "the dev container is stopped: `cargo xtask start` starts it again"),
        ("paused", "the dev container is paused: `cargo xtask start` starts it again"),
        ("running", "the dev container was made anew meanwhile; run the command again"),
    ] {
        let repository = knowing().container(text);
        put(&repository, state, "");
        let expected = format!("{refused}error: {says}\n");
        repository.xtask(["exec", "true"]).exits(125).stdout("").stderr(&expected);
        assert_eq!(verbs(&repository).iter().filter(|it| *it == "exec").count(), 1, "it is started once");
    }
    let repository = knowing().container(text);
    repository.stand_ins.containers(&[]);
    let expected = format!("{refused}error: there is no dev container: `cargo xtask up` starts one\n");
    repository.xtask(["exec", "true"]).exits(125).stdout("").stderr(&expected);
}

#[test]
fn a_command_that_fails_by_itself_keeps_its_exit_code() {
    let repository = living("").container("echo 'no match' >&2; exit 1");
    repository.xtask(["exec", "grep", "x"]).exits(1).stdout("").stderr("no match\n");
}

#[test]
fn what_changes_the_container_makes_it_forgotten() {
    for verb in ["stop", "restart", "down"] {
        let repository = knowing();
        repository.xtask([verb]).exits(0);
        assert!(!repository.path(KNOWN).exists(), "{verb}");
    }
}
