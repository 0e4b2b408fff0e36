//! `docker compose` by hand, without cargo.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::docker::{self, has_container};
use crate::support::{Repository, Subject, Suite, bounded, command, trials};

/// What names a file of certificates, which compose by hand does not mount.
const CERTIFICATES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CA_CERTIFICATES"];

pub fn trials() -> Subject {
    trials![
        runs_a_command_in_each_service,
        makes_the_container_that_xtask_run_makes,
        starts_the_container_that_xtask_finds,
        what_only_compose_can_do_reaches_run_too,
    ]
}

fn runs_a_command_in_each_service(suite: &Suite) {
    let version = suite.repository.output_of(["python", "--version"]);
    for service in ["runtime", "dev"] {
        let mut run = compose(&suite.repository, &["run", "--rm", "-T", service, "python", "--version"]);
        run.assert().success().stdout(version.clone());
    }
}

fn makes_the_container_that_xtask_run_makes(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let more = "services: {runtime: {environment: {DOLLAR: $$HOME}, init: true, ulimits: {nofile: 4096}, tmpfs: [/scratch]}}\n";
    repository.write("installation/docker-amd64/compose.override.yaml", more);
    let variables = "variables: {FROM_THE_FILE: 'it is $5'}\n";
    repository.edit("dependencies/environment.yml", |it| it + variables);
    let mut run = repository.xtask(["run", "--detach", "--", "sleep", "infinity"]);
    run.envs([("WANDB_API_KEY", "a-key"), ("GRPID", "12")]);
    let mut by_hand = compose(&repository, &["run", "--detach", "runtime", "sleep", "infinity"]);
    for name in CERTIFICATES {
        run.env_remove(name);
        by_hand.env_remove(name);
    }
    let [ours, theirs] = [run, by_hand].map(|mut command| {
        let started = command.assert().success();
        let printed = String::from_utf8_lossy(&started.get_output().stdout).trim().to_owned();
        // A job is called by its own name, which is a part of its container's.
        let job = format!("{}-{printed}", repository.compose_project());
        docker::inspect("container", if has_container(&job) { &job } else { &printed })
    });
    for key in ["Image", "User", "WorkingDir", "Cmd", "Entrypoint"] {
        assert_eq!(ours["Config"][key], theirs["Config"][key], "{key}");
    }
    for key in ["GroupAdd", "Init", "NetworkMode", "SecurityOpt", "ShmSize", "Tmpfs", "Ulimits", "Privileged"] {
        assert_eq!(ours["HostConfig"][key], theirs["HostConfig"][key], "{key}");
    }
    assert_eq!(mounts(&ours), mounts(&theirs));
    // By hand, nobody reads environment.yml.
    let added: Vec<_> = lines(&ours).difference(&lines(&theirs)).cloned().collect();
    assert_eq!(added, ["FROM_THE_FILE=it is $5"]);
    assert_eq!(lines(&theirs).difference(&lines(&ours)).count(), 0);
    assert!(lines(&ours).contains("DOLLAR=$HOME") && lines(&ours).contains("WANDB_API_KEY=a-key"));
}

fn starts_the_container_that_xtask_finds(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    // What a build leaves, which the shared images had elsewhere.
    repository.xtask(["run", "--", "true"]).assert().success();
    compose(&repository, &["up", "--detach"]).assert().success();
    compose(&repository, &["exec", "-T", "dev", "python", "--version"]).assert().success();
    repository.xtask(["exec", "--", "test", "-d", "/opt/project/dependencies"]).assert().success();
    compose(&repository, &["down"]).assert().success();
    assert_eq!(docker::containers_of(&repository.compose_project()), Vec::<String>::new());
}

fn what_only_compose_can_do_reaches_run_too(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    let more = "services: {runtime: {volumes: [kept:/kept], environment: {A: from-a-file}}}\nvolumes: {kept: {}}\n";
    repository.write("installation/docker-amd64/compose.override.yaml", more);
    let mut run = repository.xtask([
        "run",
        "-e",
        "DATA_DIR=/elsewhere",
        "--",
        "sh",
        "-c",
        "mount | grep -c ' /kept ' && echo $A $DATA_DIR; exit 3",
    ]);
    run.assert().code(3).stdout("1\nfrom-a-file /elsewhere\n");
    repository.xtask(["down", "--volumes"]).assert().success();
}

/// In the folder of the installation, as a person would; the settings are in `.env` and in the shell.
fn compose(repository: &Repository, arguments: &[&str]) -> assert_cmd::Command {
    let mut compose = command("docker");
    repository.environment(&mut compose).current_dir(repository.path("installation/docker-amd64"));
    compose.arg("compose").args(arguments).envs([("WANDB_API_KEY", "a-key"), ("GRPID", "12")]);
    bounded(compose)
}

/// Sources, targets and whether they may be written to.
fn mounts(container: &Value) -> BTreeSet<(String, String, bool)> {
    let get = |mount: &Value, key: &str| mount[key].as_str().unwrap_or_default().to_owned();
    let all = container["Mounts"].as_array().unwrap().iter();
    all.map(|it| (get(it, "Source"), get(it, "Destination"), it["RW"] == true)).collect()
}

/// The variables that are set: a name alone means that it is not.
fn lines(container: &Value) -> BTreeSet<String> {
    let all = container["Config"]["Env"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
    all.filter(|it| it.contains('=')).map(str::to_owned).collect()
}
