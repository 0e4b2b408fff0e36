//! `compose.override.yaml`, which is the user's own.

use crate::ended::Ended;
use crate::repository::{DEV, Repository};
use crate::run::{built, only_run};
use crate::stand_in::Call;
use crate::up::{compose_files, compose_verbs};

/// A repository whose runtime containers have these keys, too.
pub fn overridden(keys: &str) -> Repository {
    let repository = built("");
    write(&repository, keys);
    repository
}

fn write(repository: &Repository, keys: &str) {
    let text = format!("services:\n  runtime: {{{keys}}}\n");
    repository.write("installation/docker-amd64/compose.override.yaml", &text);
}

/// The one `docker compose run` so far, from its word `run` on.
pub fn only_compose_run(repository: &Repository) -> Call {
    let changes = repository.docker_changes();
    assert_eq!((changes.len(), changes[0][0].as_str()), (1, "compose"), "{changes:?}");
    let run = changes[0].iter().position(|it| it == "run").unwrap();
    changes[0][run..].to_vec()
}

#[test]
fn its_keys_reach_run() {
    let repository = overridden(
        r#""cap_add": ["SYS_PTRACE"], "shm_size": "67108864", "hostname": "here", "ports": [{"target": 80}], "init": true"#,
    );
    repository.xtask(["run", "true"]).exits(0).stderr("");
    let line = only_run(&repository).join(" ");
    for option in ["--cap-add SYS_PTRACE", "--shm-size 67108864", "--hostname here", "--init"] {
        assert!(line.contains(&format!(" {option} ")), "{option} in {line}");
    }
    assert!(!line.contains("--publish"), "ports are the dev container's: {line}");
}

#[test]
fn a_change_of_it_is_seen_at_once() {
    let repository = overridden(r#""hostname": "one""#);
    repository.xtask(["run", "true"]).exits(0);
    write(&repository, r#""hostname": "other""#);
    repository.stand_ins.forget();
    repository.xtask(["run", "true"]).exits(0);
    assert!(only_run(&repository).join(" ").contains(" --hostname other "));
}

#[test]
fn what_only_compose_knows_is_run_by_compose_with_the_same_command() {
    let hostile = ["printf", "$(id)", "it's", "\"q\"", "two\nlines", "-x", "--", "", "a;b", "*", "é\\"];
    let repository =
        overridden(r#""depends_on": {"db": {"condition": "service_started"}}"#).container("echo ran; exit 42");
    repository.xtask_with(["run", "--"], hostile).exits(42).stdout("ran\n").stderr("");
    let run = only_compose_run(&repository);
    let label = ["--label", "xtask.lease=[LEASE]"];
    let lease = "--volume=[ROOT]/installation/docker-amd64/.dev/leases/[LEASE]:/run/xtask/lease";
    assert_eq!(run[..7], ["run", "--rm", "--no-TTY", label[0], label[1], lease, "runtime"]);
    assert_eq!(run[7..], hostile);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.override.yaml"]);
}

#[test]
fn run_by_compose_a_secret_is_no_argument_and_no_value_changes_the_files() {
    let repository = overridden(r#""secrets": ["key"]"#);
    let arguments = ["run", "-d", "-e", "HF_TOKEN=hunter2", "-e", "IMAGE_NAME=mine", "--", "true"];
    repository.xtask(arguments).exits(0);
    let label = ["--label", "xtask.lease=[LEASE]"];
    let run = only_compose_run(&repository);
    assert_eq!((run[0].as_str(), run[1].as_str(), run[4].as_str()), ("run", "--name", "xtask.job=true-1"));
    let expected = ["--detach", label[0], label[1], "--env", "HF_TOKEN", "--env", "IMAGE_NAME=mine", "runtime", "true"];
    assert_eq!(run[5..], expected);
    let variable = |name: &str| repository.stand_ins.variable("docker", name);
    assert_eq!(variable("HF_TOKEN").as_deref(), Some("hunter2"));
    assert_ne!(variable("IMAGE_NAME").as_deref(), Some("mine"));
}

#[test]
fn a_dry_run_prints_what_compose_would_be_asked() {
    let repository = overridden(r#""networks": ["n"]"#);
    let ended: Ended = repository.xtask(["run", "--dry-run", "--", "python", "-V"]);
    ended.exits(0).stdout_has(" run --rm --no-TTY runtime python -V\n");
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn the_dev_container_is_made_with_it() {
    let repository = overridden(r#""init": true"#).image(DEV);
    repository.xtask(["up"]).exits(0);
    assert_eq!(compose_verbs(&repository), ["up --detach --no-build"]);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.override.yaml"]);
}
