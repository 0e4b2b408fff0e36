//! `cargo xtask up`

use std::fs;

use crate::build::build_of;
use crate::repository::{DEV, Repository};
use crate::stand_in::{Call, argv};

/// The id of the dev container that the stand-in makes.
pub const ID: &str = "0123abcd";

const READY: &str = "xtask: the dev container is ready: `cargo xtask shell`, `cargo xtask exec -- COMMAND`\n";

/// A repository whose dev container runs.
pub fn living(settings: &str) -> Repository {
    let repository = Repository::with_settings(settings).image(DEV);
    repository.xtask(["up"]).exits(0);
    repository.stand_ins.forget();
    repository
}

/// Has the dev container be in a state, as Docker names it, with some overlays.
pub fn put(repository: &Repository, state: &str, overlays: &str) {
    let directory = repository.path("installation/docker-amd64");
    let directory = directory.to_str().unwrap();
    repository.stand_ins.containers(&[[ID, "p-dev-1", state, "Up 1 hour", DEV, "dev", "False", overlays, directory]]);
}

/// Gives the person a key to log in with.
pub fn let_in(repository: &Repository) {
    fs::create_dir(repository.temp("home/.ssh")).unwrap();
    fs::write(repository.temp("home/.ssh/id_ed25519.pub"), "ssh-ed25519 AAAAada ada@here\n").unwrap();
}

/// What compose was asked to do, each with the words behind its files.
pub fn compose_verbs(repository: &Repository) -> Vec<String> {
    let is_option = |it: &&[String]| it[0].starts_with("--");
    let words = |call: Call| {
        let options = call[1..].chunks(2).take_while(is_option).count() * 2;
        call[1 + options..].join(" ")
    };
    repository.docker_changes().into_iter().filter(|it| it[0] == "compose").map(words).collect()
}

/// The names of the files that compose was last given.
pub fn compose_files(repository: &Repository) -> Vec<String> {
    let call = repository.docker_changes().into_iter().rfind(|it| it[0] == "compose").unwrap();
    let files = call.windows(2).filter(|it| it[0] == "--file");
    files.map(|it| it[1].rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn the_dev_container_is_started_and_ready() {
    let repository = Repository::with_settings("").image(DEV);
    let says = format!("xtask: starting the dev container from `{DEV}`\n{READY}");
    repository.xtask(["up"]).exits(0).stdout("").stderr(&says);
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
    assert_eq!(compose_files(&repository), ["compose.yaml"]);
}

#[test]
fn its_image_is_built_where_it_is_missing() {
    let repository = Repository::with_settings("");
    repository.xtask(["up"]).exits(0).stderr_has(&format!("xtask: building `{DEV}` with uv, because "));
    assert_eq!(repository.docker_changes()[0], build_of("dev"));
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
}

#[test]
fn a_second_time_changes_nothing_and_says_so() {
    let repository = living("");
    let says = format!("xtask: the dev container is already running, up 1 second\n{READY}");
    repository.xtask(["up"]).exits(0).stdout("").stderr(&says);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

const LOSS: &str = "what runs in it ends, and what you installed in it is lost unless you froze it";

/// How a call ends that would remove a container that nobody has said may go.
fn refusal(reason: &str) -> String {
    format!(
        "error: the dev container would have to be made anew {reason}: {LOSS} (fix: the same command with `--recreate`, \
         which does it)\n"
    )
}

#[test]
fn another_overlay_recreates_it_only_when_told_to_and_says_why() {
    let repository = living("");
    let_in(&repository);
    repository.xtask(["up", "--ssh"]).exits(1).stdout("").stderr(&refusal("with ssh"));
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());

    let says = |overlay: &str| {
        format!(
            "xtask: recreating the dev container with {overlay}; what you installed in it is lost unless you froze it\n"
        )
    };
    repository.xtask(["up", "--ssh", "--recreate"]).exits(0).stderr_has(&says("ssh"));
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.ssh.yaml"]);

    repository.xtask(["up", "--jupyter", "--recreate"]).exits(0).stderr_has(&says("jupyter"));
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.ssh.yaml", "compose.jupyter.yaml"]);

    repository.stand_ins.forget();
    for option in ["--wait", "--ssh", "--recreate"] {
        repository.xtask(["up", option]).exits(0).stderr_has("xtask: the dev container is already running, ");
    }
    assert_eq!(repository.docker_changes(), Vec::<Call>::new(), "it keeps what it has");
}

#[test]
fn a_rebuilt_image_is_shown_and_used_when_told_to() {
    let repository = living("");
    repository.stand_ins.note("image-of-container", "sha256:0ld");
    let told = "xtask: its image was rebuilt since; `cargo xtask up --recreate` makes the container anew from it\n";
    repository.xtask(["up"]).exits(0).stderr_has(told);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());

    repository.xtask(["up", "--build"]).exits(1).stderr_has(&refusal("from its new image"));
    assert_eq!(repository.docker_changes(), [build_of("dev")]);
    repository.stand_ins.forget();
    let says = "xtask: recreating the dev container from its new image; ";
    repository.xtask(["up", "--build", "--recreate"]).exits(0).stderr_has(says);
    assert_eq!(repository.docker_changes()[0], build_of("dev"));
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
}

#[test]
fn a_build_that_changes_nothing_leaves_the_container_as_it_is() {
    let repository = living("");
    repository.xtask(["up", "--build"]).exits(0).stderr_has("xtask: the dev container is already running, ");
    assert_eq!(repository.docker_changes(), [build_of("dev")]);
}

#[test]
fn settings_that_have_changed_since_are_told() {
    let repository = living("");
    repository.xtask(["up"]).exits(0).never_says("settings");
    repository.stand_ins.note("settings", "07e2");
    let told =
        "xtask: the settings have changed since; `cargo xtask up --recreate` makes the container anew with them\n";
    repository.xtask(["up"]).exits(0).stderr_has(told);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    let says = "xtask: recreating the dev container with the new settings; ";
    repository.xtask(["up", "--recreate"]).exits(0).stderr_has(says);
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
}

#[test]
fn a_container_of_another_checkout_is_refused() {
    let repository = Repository::with_settings("").image(DEV);
    repository.stand_ins.containers(&[[ID, "p-dev-1", "running", "Up 2 hours", DEV, "dev", "False", "", "/elsewhere"]]);
    let refusal = "error: the dev container `p-dev-1` belongs to another checkout, `/elsewhere`; give this one a name of its \
                   own: `cargo xtask env --unset COMPOSE_PROJECT_NAME`\n";
    for (arguments, code) in [
        (["up", "--wait"], 1),
        (["logs", "--follow"], 1),
        (["down", "--volumes"], 1),
        (["shell", "--root"], 125),
        (["exec", "true"], 125),
    ] {
        repository.xtask(arguments).exits(code).stdout("").stderr(refusal);
    }
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_container_that_is_paused_or_stopped_goes_on() {
    for (state, word, verb) in [("paused", "paused", "unpause"), ("exited", "stopped", "start")] {
        let repository = living("");
        put(&repository, state, "");
        let says = format!("xtask: the dev container is {word}; starting it again\n{READY}");
        repository.xtask(["up"]).exits(0).stdout("").stderr(&says);
        assert_eq!(compose_verbs(&repository), [verb]);
    }
}

#[test]
fn a_container_that_ends_at_once_shows_what_it_has_printed() {
    let repository = Repository::with_settings("").image(DEV);
    repository.stand_ins.note("not-ready", "Error response from daemon: container 0123abcd is not running");
    let ended = repository.xtask(["up"]);
    ended.exits(1).stdout("what the container has printed\n");
    ended.stderr_has("-dev-1` has exited; its last output is above\n");
    assert_eq!(repository.docker_changes().pop().unwrap(), argv(&format!("logs --tail 30 {ID}")));
}

#[test]
fn waiting_ends_with_what_docker_says_of_the_health() {
    let repository = Repository::with_settings("").image(DEV);
    repository.xtask(["up", "--wait"]).exits(0).stderr_has(READY);
    repository.stand_ins.note("health", "running unhealthy");
    repository.xtask(["up"]).exits(0);
    let ended = repository.xtask(["up", "--wait"]);
    ended.exits(1).stderr_has("-dev-1` is not healthy; its last output is above\n");
}

#[test]
fn what_outlives_the_container_is_the_callers_own() {
    let repository = living("");
    for name in ["cache", "config", "vscode-server", "cursor-server"] {
        assert!(repository.path("installation/docker-amd64/.dev").join(name).is_dir(), "{name}");
    }
}

#[test]
fn a_directory_of_this_machine_that_is_missing_is_made() {
    let repository = Repository::with_settings("LOCAL_DATA_DIR=../../more/data\n").image(DEV);
    repository.xtask(["up"]).exits(0).stderr_has("xtask: creating the directory `[ROOT]/more/data`\n");
    assert!(repository.path("more/data").is_dir());
}

#[test]
fn certificates_and_variables_are_files_of_compose_the_users_own_being_the_last() {
    let repository = Repository::with_settings("CA_CERTIFICATES=../../ours.pem\n")
        .file("ours.pem", "PEM")
        .file("installation/docker-amd64/compose.override.yaml", "services: {}\n")
        .dependencies("dependencies: [python]\nvariables:\n  OMP_NUM_THREADS: 4\n")
        .image(DEV);
    let_in(&repository);
    repository.xtask(["up", "--ssh"]).exits(0);
    let files = ["compose.yaml", "compose.ssh.yaml", "compose.certificates.yaml", "compose.variables.yaml"];
    assert_eq!(compose_files(&repository), [&files[..], &["compose.override.yaml"]].concat());
}

#[test]
fn where_compose_fails_so_does_it() {
    let repository = Repository::with_settings("").image(DEV).note("compose-fails");
    repository.xtask(["up"]).exits(1).stderr_has("error: `docker` failed with exit code 15\n");
}

#[test]
fn a_port_that_somebody_has_stops_it_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBD4g0Y0X3pFJ0iUZ8lZc1m1mC5b0b1yZ0S9JmZr0o2U jdoe\n";
    let settings = format!("SSH_PORT={port}\nSSH_AUTHORIZED_KEYS=../../keys\n");
    let repository = Repository::with_settings(&settings).image(DEV).file("keys", key);
    let error = format!("error: port {port} of this machine is taken (fix: `cargo xtask env --set SSH_PORT=PORT`");
    repository.xtask(["up", "--ssh"]).exits(1).stderr_has(&error);
    assert!(compose_verbs(&repository).is_empty());
}
