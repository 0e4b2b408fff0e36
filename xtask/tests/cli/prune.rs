//! `cargo xtask prune`

use std::fs;

use serde_json::{Value, json};

use crate::repository::Repository;
use crate::stand_in::{Call, Daemon, argv};

const NAME: &str = "sci/jdoe/tiny-project";

/// A layer of a megabyte that is in every image, and one of two megabytes.
const HISTORY: &str = "0\tUSER 1000\n2000000\tRUN /bin/sh -c make # buildkit\n1000000\t\n";

/// An image that the daemon has, as it tells of it. Its upper layer is its own.
fn stored(id: &str, minute: usize, names: &[&str], labels: &Value) -> String {
    let layers = ["sha256:base".to_owned(), format!("sha256:layer-of-{id}")];
    json!([id, names, [], format!("2026-11-25T12:{minute:02}:00Z"), "0001-01-01T00:00:00Z", labels, layers]).to_string()
}

/// A build of this project, with its own name and others.
fn build(number: usize, tag: &str, others: &[&str]) -> String {
    let names: Vec<String> = [tag].iter().chain(others).map(|it| format!("{NAME}:{it}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    stored(&format!("sha256:{number}"), number, &names, &ours())
}

fn ours() -> Value {
    json!({"xtask.inputs": "0f", "org.opencontainers.image.title": "tiny-project"})
}

/// A repository with settings where Docker has these images and no containers.
fn with_images(images: &[String]) -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n");
    repository.stand_ins.note("stored", &(images.join("\n") + "\n"));
    repository.stand_ins.note("history", HISTORY);
    repository.stand_ins.note("image-users", "");
    repository
}

/// Three older builds, the newest, and a former build without a name.
fn rebuilt() -> Repository {
    let nameless = stored("sha256:0123456789abcdef", 4, &[], &ours());
    with_images(&[
        build(1, "runtime-111111111111", &["runtime-603c026"]),
        build(3, "runtime-333333333333", &[]),
        build(2, "runtime-222222222222", &[]),
        build(5, "runtime", &["runtime-555555555555"]),
        nameless,
    ])
}

#[test]
fn old_builds_go_with_what_is_theirs_alone_and_the_newest_stay() {
    let repository = rebuilt();
    let expected = [
        format!("SIZE    WHAT {:61} WHY", ""),
        format!("2.0 MB  image {NAME}:runtime-111111111111, runtime-603c026  an older build"),
        format!("2.0 MB  image {NAME}:runtime-222222222222 {:17} an older build", ""),
        format!("2.0 MB  image 0123456789ab {:47} a build whose names a newer one has", ""),
        "xtask: removed 6.0 MB in all\n".to_owned(),
    ];
    repository.xtask(["prune"]).exits(0).stdout("").stderr(&expected.join("\n"));
    let names = |it: &str| argv(&it.replace("NAME", NAME));
    let expected = [
        names("image rm NAME:runtime-[HASH] NAME:runtime-603c026"),
        names("image rm NAME:runtime-[HASH]"),
        argv("image rm sha256:0123456789abcdef"),
    ];
    assert_eq!(repository.docker_changes(), expected);
}

#[test]
fn a_dry_run_shows_the_same_and_removes_nothing() {
    let repository = rebuilt();
    repository.write("target/xtask/saved.tar", "half");
    let (tree, dry) = (repository.tree(), repository.xtask(["prune", "--dry-run"]));
    assert_eq!((repository.tree(), repository.docker_changes()), (tree, Vec::new()));
    dry.exits(0).stdout_has(&format!("docker image rm {NAME}:runtime-111111111111 {NAME}:runtime-603c026\n"));
    let real = repository.xtask(["prune"]);
    let said = real.exits(0).err().replace("xtask: removed ", "xtask (dry run): would remove ");
    dry.stderr(&said);
    assert!(!repository.path("target/xtask/saved.tar").exists());
}

#[test]
fn more_or_fewer_older_builds_are_kept_as_wanted() {
    for (keep, count) in [("0", 4), ("1", 3), ("2", 2), ("9", 1)] {
        let repository = rebuilt();
        repository.xtask(["prune", "--keep", keep]).exits(0);
        assert_eq!(repository.docker_changes().len(), count, "{keep}");
    }
}

#[test]
fn images_of_a_name_that_was_changed_by_hand_are_told() {
    let repository = rebuilt();
    repository.write(crate::repository::ENV_FILE, "ENGINE=docker\nLAB_NAME=sci\nIMAGE_NAME=sci/new\n");
    let ended = repository.xtask(["prune"]);
    ended.exits(0).stderr_has(&format!(
        "xtask: 4 images of a project `tiny-project` are called `{NAME}` and not `sci/new`: where this checkout had that name before"
    ));
    // What no name has is known by its project.
    assert_eq!(repository.docker_changes(), [argv("image rm sha256:0123456789abcdef")]);
}

#[test]
fn images_of_others_and_with_names_of_a_person_stay() {
    let other = json!({"xtask.inputs": "0f", "org.opencontainers.image.title": "other"});
    let repository = with_images(&[
        stored("sha256:1", 1, &["sci/ada/other:runtime-111111111111"], &other),
        stored("sha256:2", 1, &[&format!("{NAME}-2:runtime-111111111111")], &ours()),
        stored("sha256:3", 1, &[], &other),
        stored("sha256:4", 1, &[], &Value::Null),
        stored("sha256:5", 1, &["xtask-base:debian-trixie"], &Value::Null),
        build(6, "runtime-mine", &[]),
        stored("sha256:7", 1, &[&format!("{NAME}:dev-111111111111"), "lab/paper:v1"], &ours()),
    ]);
    let expected = format!(
        "xtask: the image `{NAME}:dev-111111111111, lab/paper:v1` stays: it is also called `lab/paper:v1`\nxtask: 1 image of a \
         project `tiny-project` is called `{NAME}-2` and not `{NAME}`: where this checkout had that name before, and nobody else \
         needs it, `docker image rm $(docker image ls --format '{{{{.Repository}}}}:{{{{.Tag}}}}' {NAME}-2)` removes all that is called so\n\
         xtask: there is nothing to remove\n"
    );
    repository.xtask(["prune", "--keep", "0"]).exits(0).stderr(&expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn an_image_of_any_container_stays_and_ended_jobs_go() {
    let repository = rebuilt();
    let directory = repository.path("installation/docker-amd64");
    let directory = directory.to_str().unwrap();
    repository.stand_ins.containers(&[
        ["c1", "p-dev-1", "exited", "Exited (0) 1 hour ago", "x", "dev", "False", "", directory],
        ["c2", "done_job", "exited", "Exited (1) 2 days ago", "x", "", "", "", ""],
        ["c3", "starting_job", "created", "Created", "x", "", "", "", ""],
        ["c4", "running_job", "running", "Up 2 hours", "x", "", "", "", ""],
    ]);
    // The first one is of another checkout.
    repository.stand_ins.note("image-users", "c9\t/others\tsha256:1\nc2\t/done_job\tsha256:2\n");
    let ended = repository.xtask(["prune"]);
    ended.exits(0).stderr_has(
        "xtask: the container `p-dev-1` stays: `cargo xtask start` starts it again, `cargo xtask down` removes it\n",
    );
    ended.stderr_has(&format!(
        "xtask: the image `{NAME}:runtime-111111111111, runtime-603c026` stays: the container `others` was made from it\n"
    ));
    ended.stderr_has("1.2 MB  container done_job ").stderr_has("  Exited (1) 2 days ago\n");
    let removed: Vec<String> = repository.docker_changes().iter().map(|it| it.join(" ")).collect();
    assert_eq!(
        removed,
        [
            "rm --volumes c2".to_owned(),
            format!("image rm {NAME}:runtime-[HASH]"),
            "image rm sha256:0123456789abcdef".to_owned()
        ]
    );
}

#[test]
fn what_docker_does_not_remove_is_told_and_the_rest_goes() {
    let repository = rebuilt();
    repository.stand_ins.note("image-in-use", &format!("{NAME}:runtime-222222222222"));
    let ended = repository.xtask(["prune"]);
    ended.exits(1).stderr_has(&format!("error: image {NAME}:runtime-222222222222 was not removed: Error response"));
    ended.stderr_has("xtask: removed 4.0 MB in all\n");
    assert_eq!(repository.docker_changes().len(), 3);
}

#[test]
fn the_build_cache_of_all_projects_is_told_and_left_alone() {
    let repository = with_images(&[build(5, "runtime", &[])]);
    repository.stand_ins.note("du", "ID\tRECLAIMABLE\tSIZE\n0lh4\ttrue\t4.1kB\nReclaimable:\t3GB\nTotal:\t\t3.862GB\n");
    let expected = "xtask: the build cache, 3.862GB, stays, because it does not tell projects apart; of all of them, \
                    `docker buildx prune --filter until=168h` removes what no build has used for a week\n\
                    xtask: there is nothing to remove\n";
    repository.xtask(["prune"]).exits(0).stderr(expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn without_a_daemon_the_files_go_all_the_same() {
    let repository = rebuilt().daemon(Daemon::Down);
    repository.write("target/xtask/base/layer.tar", "half");
    let ended = repository.xtask(["prune"]);
    ended.exits(0).stderr_has("xtask: images and containers stay, because the Docker daemon does not answer: Cannot");
    ended.stderr_has("  target/xtask/base  left by a `base` that was ended\n");
    assert!(!repository.path("target/xtask/base").exists());
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn natively_what_is_out_of_date_or_left_goes_and_nothing_else() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository.xtask(["build"]).exits(0);
    repository.stand_ins.forget();
    let uv = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../installation/tools/uv.txt")).unwrap();
    let used = uv.lines().find_map(|it| it.strip_prefix("uv==")?.split_whitespace().next()).unwrap();
    let tool = |version: &str| format!("target/xtask/uv-{version}/bin/uv");
    for file in [&tool(used), "target/xtask/bench.lock", "target/xtask/solved/x/lock.toml", "target/xtask/mine/file"] {
        repository.write(file, "kept");
    }
    let kept = repository.tree();
    let unneeded = [
        &tool("0.0.1"),
        &tool("begun"),
        "target/xtask/verify/bin/python",
        "target/xtask/saved.tar",
        "target/xtask/.docker_temp_123",
        "target/xtask/cache/runtime-amd64/index.json",
        "target/xtask/bench/ours/README.md",
        "target/xtask/prefix-aside/xtask.json",
    ];
    for file in unneeded {
        repository.write(file, "x");
    }
    let ended = repository.xtask(["prune"]);
    ended.exits(0).stdout("").stderr_has("target/xtask/prefix-aside      left by a `build` that was ended\n");
    for line in [
        "target/xtask/uv-0.0.1          another version is used now\n",
        "target/xtask/uv-begun          left by an installation that was ended\n",
        "target/xtask/cache             the local build cache\n",
    ] {
        ended.stderr_has(line);
    }
    let mut left = repository.tree();
    left.remove(std::path::Path::new("target/xtask/uv.lock")).unwrap();
    assert_eq!(left, kept);
    assert!(repository.calls("docker").iter().all(|it| it[0] != "image"), "Docker has no part in it");
    repository.xtask(["prune"]).exits(0).stderr("xtask: there is nothing to remove\n");
}

#[test]
fn a_half_environment_goes_and_the_one_before_it_is_back() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository.xtask(["build"]).exits(0);
    fs::rename(repository.path(".venv"), repository.path("target/xtask/prefix-aside")).unwrap();
    repository.write(".venv/xtask-begun", "");
    let dry = repository.xtask(["prune", "--dry-run"]);
    dry.exits(0).stdout("").stderr_has("  .venv  left by a `build` that was ended\n");
    repository.xtask(["prune"]).exits(0).stderr_has("the one before it is back\n");
    assert!(repository.path(".venv/xtask.json").exists() && !repository.path("target/xtask/prefix-aside").exists());
}
