//! `cargo xtask rerun`: the command of a receipt again, in a clean clone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::native_commands;
use crate::receipts::{commit, committed, git, receipts};
use crate::repository::Repository;

const CODE: &str = "python-project/src/tiny_package/__init__.py";

/// Where the only receipt so far is, from the repository.
fn place(repository: &Repository) -> String {
    let folder = fs::read_dir(repository.path("outputs/runs")).unwrap().next().unwrap().unwrap();
    format!("outputs/runs/{}/receipt.json", folder.file_name().to_str().unwrap())
}

/// After a run whose receipt is changed before anybody reads it.
fn with_receipt(change: impl Fn(&mut Value)) -> (Repository, String) {
    let repository = committed("");
    repository.write(CODE, "ANSWER = 43\n");
    repository.xtask(["run", "--receipt", "--env", "TOKEN=hunter2", "true"]).exits(0);
    let place = place(&repository);
    let mut receipt = receipts(&repository).remove(0);
    change(&mut receipt);
    repository.write(&place, &receipt.to_string());
    (repository, place)
}

#[test]
fn it_runs_the_same_code_whatever_has_changed_since() {
    let repository = native_commands::built("").program("git").program("uname");
    commit(&repository);
    repository.write(CODE, "ANSWER = 43\n");
    repository.write("python-project/new.txt", "new\n");
    let script = format!("cd \"$PROJECT_ROOT\" && cat {CODE} python-project/new.txt; echo $GIT_COMMIT >&2; exit 3");
    let output = "ANSWER = 43\nnew\n";
    repository.xtask(["run", "--receipt", "--", "sh", "-c", &script]).exits(3).stdout(output);
    let place = place(&repository);
    let head = git(&repository, &["rev-parse", "HEAD"]);
    fs::remove_file(repository.path("python-project/new.txt")).unwrap();
    repository.write(CODE, "ANSWER = 44\n");
    git(&repository, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "second"]);
    let before = git(&repository, &["status", "--porcelain"]);
    let again = repository.xtask(["rerun", &place]);
    again.exits(3).stdout(output).stderr_has("exit code 3, as before").stderr_has(&format!("{head}-dirty"));
    assert_eq!(git(&repository, &["status", "--porcelain"]), before);
    assert_eq!(fs::read_dir(repository.path("target/xtask/rerun")).unwrap().count(), 0);
    let code = |it: &Value| it["predicate"]["order"]["code"].clone();
    let receipts = receipts(&repository);
    assert_eq!((receipts.len(), code(&receipts[0])), (2, code(&receipts[1])));
}

#[test]
fn it_says_whether_the_image_is_the_same() {
    let (repository, place) = with_receipt(|_| {});
    let again = repository.variable("TOKEN", "other").xtask(["rerun", &place]);
    again
        .exits(0)
        .stderr_has("the image is the same one: sha256:0123456789abcdef")
        .stderr_has("exit code 0, as before");
    let (repository, place) = with_receipt(|it| {
        let image = &mut it["predicate"]["order"]["image"];
        image["id"] = "sha256:gone".into();
        image["digest"] = Value::Null;
        image["layers"] = serde_json::json!(["sha256:1", "sha256:9"]);
    });
    repository.xtask(["rerun", &place]).exits(0).stderr_has(
        "the image was built again, and 1 of its 2 layers are not the same bytes: was sha256:gone, is sha256:0123456789abcdef",
    );
}

#[test]
fn a_variable_whose_value_nobody_knows_is_named() {
    let (repository, place) = with_receipt(|_| {});
    repository
        .xtask(["rerun", &place])
        .exits(0)
        .stderr_has("warning: `TOKEN` was passed, and the receipt has no values");
}

#[test]
fn what_it_cannot_have_is_said_before_anything_runs() {
    let code = |it: &mut Value, name: &str, value: Value| it["predicate"]["order"]["code"][name] = value;
    let gone = "0123456789012345678901234567890123456789";
    for (change, expected) in [
        (
            ("commit", Value::from(gone)),
            "does not have the commit 0123456789012345678901234567890123456789: `git fetch` it",
        ),
        (("commit", Value::from("--upload-pack=x")), "the receipt names `--upload-pack=x`, which is no commit"),
        (("commit", Value::Null), "does not say which code was run"),
        (("diff", serde_json::json!({"sha256": "77"})), "lacks the changes that were not committed"),
        (("diff", serde_json::json!({"sha256": "77", "text": "x"})), "somebody has changed one of them"),
    ] {
        let (repository, place) = with_receipt(|it| code(it, change.0, change.1.clone()));
        repository.stand_ins.forget();
        repository.xtask(["rerun", &place]).exits(125).stderr_has(expected);
        assert!(repository.docker_changes().is_empty());
    }
}

#[test]
fn another_file_is_no_receipt() {
    let repository = committed("");
    repository
        .xtask(["rerun", "data/README.md"])
        .exits(125)
        .stderr_has("cannot read the receipt `data/README.md`: this is no receipt");
    repository.xtask(["rerun", "no/such/file"]).exits(125).stderr_has("cannot read `no/such/file`");
}

#[test]
fn a_dry_run_makes_no_clone() {
    let (repository, place) = with_receipt(|_| {});
    repository.xtask(["rerun", "--dry-run", &place]).exits(0).stdout_has("clone --quiet --shared --no-checkout");
    assert!(!repository.path("target/xtask/rerun").exists());
    assert_eq!(receipts(&repository).len(), 1);
}

#[test]
fn it_can_be_submitted_to_a_cluster_instead() {
    let repository = native_commands::built("").program("git").program("uname").program("tar").program("gzip");
    commit(&repository);
    repository.write(CODE, "ANSWER = 43\n");
    repository.xtask(["run", "--receipt", "--", "python", "-c", "a b"]).exits(0);
    let place = place(&repository);
    repository.write(CODE, "ANSWER = 44\n");
    repository.write("installation/clusters/here.toml", "engine = \"slurm\"\n");
    fs::write(repository.bin().join("sbatch"), "#!/bin/sh\necho 4242\n").unwrap();
    fs::set_permissions(repository.bin().join("sbatch"), Permissions::from_mode(0o755)).unwrap();
    let submitted = repository.xtask(["rerun", &place, "--on", "here"]);
    submitted.exits(0).stdout_has("tiny-project-");
    let run = format!("outputs/runs/{}", submitted.out().trim());
    let code = fs::read_to_string(repository.path(&format!("{run}/code/{CODE}"))).unwrap();
    assert_eq!(code, "ANSWER = 43\n");
    // Its environment has to be there as long as the job.
    assert_eq!(fs::read_dir(repository.path("target/xtask/rerun")).unwrap().count(), 1);
}
