//! Variables that reach the command: those that the user passes, and the key of Weights & Biases.

use crate::repository::Repository;
use crate::run::{built, only_run};

const PRINT: &[&str] = &["HF_TOKEN", "WANDB_API_KEY", "SEED"];

/// A repository where what runs in the container prints what the client of Docker has in its environment.
fn printing(settings: &str) -> Repository {
    let script: String = PRINT.iter().map(|it| format!("echo {it}=\"${{{it}-}}\"\n")).collect();
    built(settings).container(&script)
}

#[test]
fn the_key_of_weights_and_biases_arrives_and_is_no_argument() {
    let repository = printing("WANDB_API_KEY=hunter2\n");
    repository.xtask(["run", "true"]).exits(0).stdout("HF_TOKEN=\nWANDB_API_KEY=hunter2\nSEED=\n");
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --env WANDB_API_KEY ") && !line.contains("hunter2"), "{line}");
    repository.xtask(["run", "--verbose", "--", "true"]).exits(0).stderr_has("+ WANDB_API_KEY='***' docker run ");
    repository.xtask(["run", "--dry-run", "--", "true"]).exits(0).never_says("hunter2");
}

#[test]
fn the_key_may_be_set_in_the_shell() {
    let repository = printing("").variable("WANDB_API_KEY", "hunter2");
    repository.xtask(["run", "true"]).exits(0).stdout_has("WANDB_API_KEY=hunter2\n");
    assert!(only_run(&repository).join(" ").contains(" --env WANDB_API_KEY "));
}

#[test]
fn without_a_key_an_empty_one_is_passed() {
    let repository = printing("");
    repository.xtask(["run", "true"]).exits(0);
    assert!(only_run(&repository).join(" ").contains(" --env WANDB_API_KEY= "));
}

#[test]
fn a_value_given_here_arrives_and_is_no_argument() {
    let repository = printing("");
    let value = "it's $(id) = \"1\"";
    let ended = repository.xtask(["run", "-e", &format!("SEED={value}"), "--env", "HF_TOKEN=hunter2", "--", "true"]);
    ended.exits(0).stdout(&format!("HF_TOKEN=hunter2\nWANDB_API_KEY=\nSEED={value}\n"));
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --env SEED --env HF_TOKEN sci/"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn a_name_alone_passes_the_value_that_it_has() {
    let repository = printing("").variable("HF_TOKEN", "hunter2");
    repository.xtask(["run", "-e", "HF_TOKEN", "--", "true"]).exits(0).stdout_has("HF_TOKEN=hunter2\n");
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --env HF_TOKEN sci/") && !line.contains("hunter2"), "{line}");
}

#[test]
fn the_client_of_docker_is_not_misled_by_what_the_command_gets() {
    let repository = printing("");
    repository.xtask(["run", "-e", "DOCKER_HOST=tcp://elsewhere", "-e", "HOME=/x", "--", "true"]).exits(0);
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --env DOCKER_HOST=tcp://elsewhere --env HOME=/x sci/"), "{line}");
    assert_eq!(repository.stand_ins.variable("docker", "DOCKER_HOST"), None);
    assert_ne!(repository.stand_ins.variable("docker", "HOME").as_deref(), Some("/x"));
}

#[test]
fn a_key_is_no_argument_whatever_its_name_starts_with() {
    for name in ["GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"] {
        let repository = printing("");
        repository.xtask(["run", "-e", &format!("{name}=hunter2"), "--", "true"]).exits(0);
        let line = only_run(&repository).join(" ");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn a_key_is_printed_nowhere_whatever_its_name_starts_with() {
    let arguments = ["run", "--dry-run", "-e", "GOOGLE_API_KEY=hunter2", "--", "true"];
    printing("").xtask(arguments).exits(0).never_says("hunter2");
}
