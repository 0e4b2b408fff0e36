//! Receipts of true runs, and the script that starts jobs, in true containers.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::docker::{self, answer, docker};
use crate::support::{Repository, Subject, Suite, bounded, command, trials, wait_for};

pub fn trials() -> Subject {
    trials![
        a_run_is_made_again_from_its_receipt_even_if_its_image_is_gone,
        the_shim_starts_a_job_in_the_image_and_writes_how_it_ended,
        a_checkpoint_is_kept_when_the_container_is_stopped,
        a_job_in_another_image_than_was_submitted_does_not_run,
    ]
}

const CODE: &str = "python-project/src/template_package/answer.py";

fn a_run_is_made_again_from_its_receipt_even_if_its_image_is_gone(suite: &Suite) {
    let (repository, _alone) = suite.building("receipts");
    repository.ask_for_little();
    repository.xtask(["build"]).assert().success();
    repository.xtask(["freeze"]).assert().success();
    for words in [
        "init --quiet",
        "config user.name Ada",
        "config user.email ada@example.org",
        "add --all",
        "commit --quiet -m first",
    ] {
        let mut git = command("git");
        git.args(words.split(' ')).current_dir(repository.path(""));
        bounded(git).assert().success();
    }
    repository.write(CODE, "print(42)\n");
    let run = ["run", "--receipt", "--", "python", "-m", "template_package.answer"];
    repository.xtask(run).assert().success().stdout("42\n");
    let first = receipts(&repository).pop().unwrap();
    fs::remove_file(repository.path(CODE)).unwrap();
    let rerun = || repository.xtask(["rerun".as_ref(), first.as_os_str()]).assert().success().stdout("42\n");

    let told = String::from_utf8_lossy(&rerun().get_output().stderr).into_owned();
    assert!(told.contains("the image is the same one: sha256:") && told.contains("exit code 0, as before"), "{told}");
    docker::remove_images(&repository.image("runtime").replace(":runtime", ""), &[]);
    let told = String::from_utf8_lossy(&rerun().get_output().stderr).into_owned();
    assert!(
        told.contains("the image is the same one: sha256:") || told.contains("layers are the same bytes"),
        "{told}"
    );

    let made: Vec<Value> = receipts(&repository).iter().map(|it| read(it)).collect();
    let order = |it: &Value| it["predicate"]["order"].clone();
    assert_eq!(made.len(), 3);
    for again in &made[1..] {
        assert_eq!(order(again)["code"], order(&made[0])["code"]);
        assert_eq!(order(again)["image"]["layers"], order(&made[0])["image"]["layers"]);
    }
}

fn the_shim_starts_a_job_in_the_image_and_writes_how_it_ended(suite: &Suite) {
    let folder = run_folder(&suite.repository, "shim");
    let script = "id -u; python -c 'import numpy'; echo $JOB_INDEX; exit 75";
    let run = job(&suite.repository, &folder, &["--rm"], &["sh", "-c", script]);
    docker(run).assert().code(75).stdout("4321\n2\n");
    assert_eq!(fs::read_to_string(folder.join("2/rc")).unwrap(), "75\n");
    let receipt = read(&folder.join("2/receipt.json"));
    assert_eq!(receipt["predicate"]["run"]["argv"], serde_json::json!(["sh", "-c", script]));
}

fn a_checkpoint_is_kept_when_the_container_is_stopped(suite: &Suite) {
    let folder = run_folder(&suite.repository, "checkpoint");
    let script = "trap 'echo kept >>\"$0\"; exit 75' TERM; touch \"$0\"; while :; do sleep 0.1; done";
    let run = job(&suite.repository, &folder, &["--detach"], &["sh", "-c", script, "/run-folder/checkpoint"]);
    let id = answer(run);
    wait_for("the command to start", || folder.join("checkpoint").exists().then_some(()));
    docker(["stop", "--time", "60", &id]).assert().success();
    assert_eq!(docker::inspect("container", &id)["State"]["ExitCode"], 75);
    docker(["rm", &id]).assert().success();
    // Once: tini tells a whole group, and the shim what it has started.
    assert_eq!(fs::read_to_string(folder.join("checkpoint")).unwrap(), "kept\n");
    assert_eq!(fs::read_to_string(folder.join("2/rc")).unwrap(), "75\n");
}

fn a_job_in_another_image_than_was_submitted_does_not_run(suite: &Suite) {
    let folder = run_folder(&suite.repository, "other-image");
    let run = job(&suite.repository, &folder, &["--rm", "--env=XTASK_JOB_IMAGE=0123"], &["echo", "ran"]);
    let ended = docker(run).assert().code(125).stdout("");
    let told = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
    assert!(told.contains("the job runs in another image than it was submitted with"), "{told}");
}

/// The options of `docker` that start a command as engines do: the shim instead of the entrypoint, as some user, as part 2 of 3.
fn job(repository: &Repository, folder: &Path, options: &[&str], words: &[&str]) -> Vec<String> {
    let image = repository.image("runtime");
    let inputs = answer(["image", "inspect", "--format", "{{index .Config.Labels \"xtask.inputs\"}}", &image]);
    let statement = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"run\":";
    fs::write(folder.join("receipt.part"), statement).unwrap();
    let fixed = [
        "run".to_owned(),
        "--network=none".to_owned(),
        "--user=4321:4321".to_owned(),
        format!("--mount=type=bind,source={},target=/run-folder", folder.display()),
        format!("--mount=type=bind,source={},target=/opt/project", repository.path("").display()),
        format!("--env=XTASK_JOB_IMAGE={inputs}"),
        "--env=XTASK_JOB_FOLDER=/run-folder".to_owned(),
        "--env=XTASK_JOB_STATEMENT=/run-folder/receipt.part".to_owned(),
        "--env=XTASK_JOB_COUNT=3".to_owned(),
        "--env=JOB_COMPLETION_INDEX=2".to_owned(),
    ];
    let options = options.iter().map(|&it| it.to_owned());
    let command = ["--", "/opt/xtask/job.sh", "/opt/entrypoint.sh"].iter().chain(words).map(|&it| it.to_owned());
    let start = ["--entrypoint=/usr/bin/tini".to_owned(), image, "-g".to_owned()];
    fixed.into_iter().chain(options).chain(start).chain(command).collect()
}

/// A folder that every user may write to.
fn run_folder(repository: &Repository, name: &str) -> PathBuf {
    let folder = repository.directory(name);
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    folder
}

/// The paths of all receipts, by the time of their runs.
fn receipts(repository: &Repository) -> Vec<PathBuf> {
    let folders = fs::read_dir(repository.path("outputs/runs")).unwrap();
    let mut paths: Vec<PathBuf> = folders.map(|it| it.unwrap().path().join("receipt.json")).collect();
    paths.sort_by_key(|it| fs::metadata(it).unwrap().modified().unwrap());
    paths
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
