//! Variables of the user's own in the settings file.

use crate::repository::{ENV_FILE, Repository};
use crate::run::{built, only_run};
use crate::up::living;

const OWN: &str = "ENV_HF_TOKEN=hunter2\nENV_THREADS='8 of them'\n";

#[test]
fn commands_in_containers_have_them_and_no_argument_has_a_secret() {
    let repository = living(OWN).container("echo $HF_TOKEN $THREADS");
    repository.xtask(["exec", "--", "true"]).exits(0).stdout("hunter2 8 of them\n");
    let exec = repository.docker_changes().pop().unwrap().join(" ");
    assert!(exec.contains("--env HF_TOKEN --env THREADS") && !exec.contains("hunter2"), "{exec}");
    // What the command line says goes first.
    repository.xtask(["exec", "-e", "THREADS=1", "--", "true"]).exits(0).stdout("hunter2 1\n");
    repository.xtask(["exec", "--dry-run", "--", "true"]).exits(0).never_says("hunter2");
}

#[test]
fn compose_gets_a_file_with_their_names_alone() {
    let repository = built(OWN);
    repository.xtask(["run", "true"]).exits(0);
    assert_eq!(only_run(&repository)[0], "run");
    let file = repository.read("target/xtask/compose.variables.yaml");
    assert!(file.contains(r#""HF_TOKEN": "${ENV_HF_TOKEN}""#) && !file.contains("hunter2"), "{file}");
}

#[test]
fn native_commands_have_them() {
    let repository = Repository::with_settings(&format!("ENGINE=native\n{OWN}"));
    repository.xtask(["run", "--", "sh", "-c", "echo $HF_TOKEN $THREADS"]).exits(0).stdout("hunter2 8 of them\n");
}

#[test]
fn they_are_set_shown_and_removed_like_settings_and_secrets_are_masked() {
    let repository = Repository::with_settings("");
    repository.xtask(["env", "--set", "ENV_HF_TOKEN=hunter2", "--set", "ENV_THREADS=8"]).exits(0).never_says("hunter2");
    assert!(repository.read(ENV_FILE).contains("ENV_HF_TOKEN=hunter2\n"));
    let shown = repository.xtask(["env", "--show"]);
    shown.exits(0).stdout_has("ENV_HF_TOKEN=***\n").stdout_has("ENV_THREADS=8\n");
    repository.xtask(["env", "--unset", "ENV_THREADS"]).exits(0);
    assert!(!repository.read(ENV_FILE).contains("THREADS"));
}

#[test]
fn one_without_the_prefix_is_told_where_it_belongs() {
    let help = "write `ENV_HUGGING_FACE_HUB_TOKEN=…` to have `HUGGING_FACE_HUB_TOKEN` set in containers and commands";
    Repository::with_settings("HUGGING_FACE_HUB_TOKEN=x\n").xtask(["check"]).exits(1).stdout_has(help);
}

#[test]
fn what_the_override_names_and_what_compose_reads_is_known() {
    let repository = Repository::with_settings("SCRATCH=/scratch\nCOMPOSE_PROFILES=db\n");
    repository.xtask(["check"]).exits(1).stdout_has("unknown variable `SCRATCH`").never_says("COMPOSE_PROFILES");
    let text = "services: {runtime: {volumes: [\"${SCRATCH:-/tmp}:/scratch\"]}}\n";
    repository.write("installation/docker-amd64/compose.override.yaml", text);
    repository.xtask(["check"]).exits(0);
}
