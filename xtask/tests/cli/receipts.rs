//! Receipts of commands on this machine: `run --receipt`, RECEIPTS.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::native_commands;
use crate::repository::{RUNTIME, Repository};
use crate::run::{built, only_run};

/// What Docker says of the image.
const STORED: &str = r#"["sha256:0123456789abcdef",["sci/jdoe/tiny-project:runtime"],["r.example.org/x@sha256:77"],"2026-11-25T12:00:00Z","0001-01-01T00:00:00Z",{"xtask.inputs":"5e77","xtask.base":"sha256:ba5e"},["sha256:1","sha256:2"]]"#;

/// With its image built, in a commit of git.
pub fn committed(settings: &str) -> Repository {
    let repository = built(settings).program("git").program("uname");
    repository.stand_ins.note("stored", &format!("{STORED}\n"));
    commit(&repository);
    repository
}

pub fn commit(repository: &Repository) {
    let ignored =
        ["/outputs/*", "/target/", "/.venv/", "/installation/docker-amd64/.dev/", "/installation/docker-amd64/.env"];
    repository.write(".gitignore", &ignored.join("\n"));
    git(repository, &["init", "-q"]);
    git(repository, &["add", "."]);
    git(repository, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]);
}

#[expect(clippy::disallowed_methods, reason = "it makes what a test looks at")]
pub fn git(repository: &Repository, arguments: &[&str]) -> String {
    let output = Command::new("git").args(arguments).current_dir(repository.path("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The receipts so far, by the time of their runs.
pub fn receipts(repository: &Repository) -> Vec<Value> {
    let folders = fs::read_dir(repository.path("outputs/runs")).into_iter().flatten();
    let mut paths: Vec<_> =
        folders.map(|it| it.unwrap().path().join("receipt.json")).filter(|it| it.exists()).collect();
    paths.sort();
    paths.iter().map(|it| serde_json::from_str(&fs::read_to_string(it).unwrap()).unwrap()).collect()
}

fn only_receipt(repository: &Repository) -> Value {
    let [receipt] = &receipts(repository)[..] else { panic!("{:?}", receipts(repository)) };
    receipt.clone()
}

#[test]
fn a_receipt_says_what_was_run_of_what_and_how_it_ended() {
    let repository = committed("").container("echo ran; exit 3");
    let ended = repository.xtask(["run", "--receipt", "--env", "TOKEN=hunter2", "--", "python", "a b", "$(id)"]);
    ended.exits(3).stdout("ran\n").stderr_has("receipt: outputs/runs/python-");
    let receipt = only_receipt(&repository);
    assert_eq!(receipt["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(receipt["subject"][0]["digest"]["sha256"], "77");
    let (order, run) = (&receipt["predicate"]["order"], &receipt["predicate"]["run"]);
    assert_eq!((&order["engine"], &order["project"]), (&"docker".into(), &"tiny-project".into()));
    assert_eq!((&order["image"]["inputs"], &order["image"]["base"]), (&"5e77".into(), &"sha256:ba5e".into()));
    assert_eq!(order["code"]["commit"], git(&repository, &["rev-parse", "HEAD"]));
    assert_eq!(order["code"]["diff"], Value::Null);
    assert_eq!(order["resources"]["shm_size"], "8589934592");
    assert_eq!((&run["argv"], &run["exitCode"]), (&serde_json::json!(["python", "a b", "$(id)"]), &3.into()));
    let names = run["environment"].as_array().unwrap();
    assert!(names.contains(&"TOKEN".into()) && names.contains(&"DATA_DIR".into()), "{names:?}");
    assert!(!receipt.to_string().contains("hunter2"));
}

#[test]
fn what_is_not_committed_is_in_the_receipt() {
    let repository = committed("");
    repository.write("python-project/src/tiny_package/__init__.py", "ANSWER = 43\n");
    repository.xtask(["run", "--receipt", "true"]).exits(0);
    let receipt = only_receipt(&repository);
    let diff = receipt["predicate"]["order"]["code"]["diff"]["text"].as_str().unwrap();
    assert!(diff.contains("-ANSWER = 42\n+ANSWER = 43\n"), "{diff}");
}

#[test]
fn a_setting_asks_for_a_receipt_of_every_command_and_nothing_else_writes_one() {
    let repository = committed("RECEIPTS=true\n");
    repository.xtask(["run", "true"]).exits(0);
    assert_eq!(receipts(&repository).len(), 1);
    let repository = committed("");
    repository.xtask(["run", "true"]).exits(0).stderr("");
    assert!(receipts(&repository).is_empty() && !repository.path("outputs/runs").exists());
}

#[test]
fn the_container_is_the_same_as_without_a_receipt() {
    let [with, without] = [&["--receipt", "true"], &["--no-sync", "true"]].map(|line| {
        let repository = committed("");
        repository.xtask_with(["run"], *line).exits(0);
        let root = repository.path("").to_string_lossy().trim_end_matches('/').to_owned();
        let is_of_this_run = |it: &String| {
            it.contains(&root) || it.contains("run-") || it.contains("xtask.project=") || it.contains("GIT_COMMIT=")
        };
        only_run(&repository).into_iter().filter(|it| !is_of_this_run(it)).collect::<Vec<_>>()
    });
    assert_eq!(with, without);
    assert!(with.contains(&RUNTIME.to_owned()));
}

#[test]
fn the_native_engine_writes_receipts_too() {
    let repository = native_commands::built("").program("git").program("uname");
    commit(&repository);
    repository.xtask(["run", "--receipt", "--", "sh", "-c", "exit 7"]).exits(7);
    let predicate = &only_receipt(&repository)["predicate"];
    assert_eq!((&predicate["order"]["engine"], &predicate["run"]["exitCode"]), (&"native".into(), &7.into()));
    assert!(predicate["run"]["peakMemory"].as_u64() > Some(0), "{predicate}");
    repository
        .xtask(["run", "--receipt", "--", "no-such-program"])
        .exits(127)
        .stderr("error: command not found: `no-such-program`\n");
    assert_eq!(fs::read_dir(repository.path("outputs/runs")).unwrap().count(), 1);
}

#[test]
fn a_signal_is_the_commands_to_decide_and_the_receipt_has_what_came_of_it() {
    for (signal, code) in [("TERM", 75), ("USR1", 75)] {
        let repository = committed("")
            .container(&format!("trap 'exit 75' {signal}; kill -{signal} $PPID; while :; do sleep 0.01; done"));
        repository.xtask(["run", "--receipt", "true"]).exits(code);
        assert_eq!(only_receipt(&repository)["predicate"]["run"]["exitCode"], code);
    }
}

#[test]
fn outside_of_git_the_receipt_says_nothing_of_the_code() {
    let repository = built("").program("git").program("uname");
    repository.stand_ins.note("stored", &format!("{STORED}\n"));
    repository
        .xtask(["run", "--receipt", "true"])
        .exits(0)
        .stderr_has("warning: the receipt does not say which code was run");
    assert_eq!(only_receipt(&repository)["predicate"]["order"]["code"], serde_json::json!({}));
}

#[test]
fn a_job_in_the_background_leaves_none() {
    committed("").xtask(["run", "--receipt", "-d", "true"]).exits(2).stderr_has("--detach");
    let repository = committed("RECEIPTS=true\n");
    repository.xtask(["run", "-d", "true"]).exits(0);
    assert!(receipts(&repository).is_empty());
}

#[test]
fn a_dry_run_writes_none() {
    let repository = committed("");
    repository.xtask(["run", "--receipt", "--dry-run", "true"]).exits(0);
    assert!(!repository.path("outputs/runs").exists());
}
