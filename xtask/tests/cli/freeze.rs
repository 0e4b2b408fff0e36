//! `cargo xtask freeze`

use crate::at_once::waits_and_finishes;
use crate::installed::{LOCK, PLATFORM, PROBE, install, offer, put_prefix};
use crate::repository::{DEV, ENV_FILE, ENVIRONMENT, RUNTIME, Repository};
use crate::stand_in::Daemon;
use crate::tree::{Tree, tree_of};
use crate::up::{ID, put};

const FROZEN: &str = "dependencies:\n  - python=3.12.4  # intent: python>=3.11\n  - pip:\n    \
                      - tqdm==4.66.0  # intent: tqdm\n";

/// A repository with an image that has tqdm.
fn repository() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    repository
}

/// What is said last.
fn wrote(files: &[&str]) -> String {
    let names: Vec<String> = files.iter().map(|it| format!("`{it}`")).collect();
    format!("xtask: wrote {}\n", names.join(", "))
}

fn lock_files() -> [String; 2] {
    ["lock.toml", "pylock.toml"].map(|it| format!("{LOCK}/{it}"))
}

fn environment(repository: &Repository) -> String {
    repository.read("dependencies/environment.yml")
}

fn dependencies(repository: &Repository) -> Tree {
    tree_of(&repository.path("dependencies"))
}

#[test]
fn the_dev_container_is_read_if_it_runs_else_an_image_else_the_prefix() {
    let repository = Repository::with_settings("");
    install(&repository, &["tqdm 4.66.0"]);
    put_prefix(&repository);
    let reads = |place: &str| {
        repository.stand_ins.forget();
        repository.xtask(["freeze"]).exits(0).stderr_has(&format!("xtask: read {place}\n"));
        repository.docker_changes().pop().map(|it| it[..3].join(" ")).unwrap_or_default()
    };
    repository.stand_ins.note("images", &format!("{DEV}\n{RUNTIME}\n"));
    put(&repository, "running", "");
    assert_eq!(reads("the dev container `p-dev-1`"), format!("exec {ID} /opt/env/bin/python"));
    put(&repository, "exited", "");
    assert_eq!(reads(&format!("the image `{DEV}`")), "run --rm --pull=never");
    repository.stand_ins.containers(&[]);
    repository.stand_ins.note("images", &format!("{RUNTIME}\n"));
    assert_eq!(reads(&format!("the image `{RUNTIME}`")), "run --rm --pull=never");
    repository.stand_ins.daemon(Daemon::Down);
    assert_eq!(reads("`.venv`"), "");
}

#[test]
fn an_image_that_is_no_older_than_the_files_is_read_before_one_that_is() {
    let repository = Repository::with_settings("ENGINE=docker\n");
    install(&repository, &["rich 14.0", "tqdm 4.66.0"]);
    repository.xtask(["build", "dev"]).exits(0);
    repository.write("dependencies/environment.yml", &(ENVIRONMENT.to_owned() + "    - rich\n"));
    repository.xtask(["freeze", "--lock-only"]).exits(0).stderr_has(&format!(
        "xtask: read the image `{DEV}`\nxtask: warning: the image `{DEV}` is older than the dependency files \
         (environment.yml:5 + rich): cargo xtask build\n"
    ));
    repository.xtask(["build", "runtime"]).exits(0);
    for _ in 0..2 {
        let ended = repository.xtask(["freeze"]);
        ended.exits(0).stderr_has(&format!("xtask: read the image `{RUNTIME}`\n")).never_says("older");
    }
}

#[test]
fn another_place_is_read_when_it_is_named() {
    let repository = Repository::with_settings("");
    install(&repository, &["tqdm 4.66.0"]);
    put_prefix(&repository);
    repository.stand_ins.note("images", &format!("{DEV}\n"));
    put(&repository, "running", "");
    let image = format!("the image `{DEV}`");
    for (from, place) in [("container", "the dev container `p-dev-1`"), ("image", &image), ("native", "`.venv`")] {
        repository.xtask(["freeze", "--from", from]).exits(0).stderr_has(&format!("xtask: read {place}\n"));
    }
}

#[test]
fn where_there_is_nothing_to_read_it_says_what_to_do_and_writes_nothing() {
    let repository = Repository::with_settings("ENGINE=docker\n");
    let before = dependencies(&repository);
    let says = "error: there is no environment to read: `cargo xtask build` builds one, `cargo xtask up` starts it\n";
    repository.xtask(["freeze"]).exits(1).stderr(says);
    repository.xtask(["freeze", "--from", "image"]).exits(1).stderr(says);
    let says = "error: the dev container is not running: `cargo xtask up` starts it\n";
    repository.xtask(["freeze", "--from", "container"]).exits(1).stderr(says);
    let says = "error: there is no environment in `.venv`: `cargo xtask build` builds one\n";
    repository.xtask(["freeze", "--from", "native"]).exits(1).stderr(says);
    repository.write(ENV_FILE, "ENGINE=native\n");
    repository.xtask(["freeze"]).exits(1).stderr(says);
    assert_eq!(dependencies(&repository), before);
}

#[test]
fn each_change_is_told_with_its_line_and_what_differs_from_the_last_lock() {
    let repository = repository();
    let [header, pylock] = &lock_files();
    let all = ["dependencies/environment.yml", header, pylock];
    let says = format!(
        "xtask: read the image `{RUNTIME}`\nxtask: environment.yml:2 python>=3.11 -> python=3.12.4\n\
         xtask: environment.yml:4 tqdm -> tqdm==4.66.0\nxtask: locked 1 package for {PLATFORM}, for the first time\n{}",
        wrote(&all)
    );
    repository.xtask(["freeze"]).exits(0).stdout("").stderr(&says);
    assert_eq!(environment(&repository), FROZEN);
    assert!(repository.read(pylock).contains("https://e.org/tqdm-4.66.0.whl"));
    assert!(repository.read(header).contains(&format!("platform = \"{PLATFORM}\"")));

    install(&repository, &["rich 13.9.4", "tqdm 4.67.1"]);
    let says = format!(
        "xtask: read the image `{RUNTIME}`\nxtask: environment.yml:4 tqdm==4.66.0 -> tqdm==4.67.1\n\
         xtask: environment.yml:5 + rich==13.9.4\nxtask: locked 2 packages for {PLATFORM}, with 2 changes\n\
         xtask:   + rich 13.9.4\nxtask:   tqdm 4.66.0 -> 4.67.1\n{}",
        wrote(&all)
    );
    repository.xtask(["freeze"]).exits(0).stderr(&says);
    let by_hand = FROZEN.replace("4.66.0", "4.67.1") + "    - rich==13.9.4  # added by freeze\n";
    assert_eq!(environment(&repository), by_hand);

    install(&repository, &["tqdm 4.67.1"]);
    let ended = repository.xtask(["freeze"]);
    ended.exits(0).stderr_has("environment.yml:5 - rich==13.9.4, which is no longer installed\n");
    ended.stderr_has(", with 1 change\nxtask:   - rich 13.9.4\n");
    assert_eq!(environment(&repository), FROZEN.replace("4.66.0", "4.67.1"));
}

#[test]
fn a_second_one_changes_nothing_and_says_so() {
    let repository = repository();
    repository.xtask(["freeze"]).exits(0);
    let before = dependencies(&repository);
    let says = format!(
        "xtask: read the image `{RUNTIME}`\nxtask: locked 1 package for {PLATFORM}, as before\n\
         xtask: the files are up to date; nothing was changed\n"
    );
    repository.xtask(["freeze"]).exits(0).stderr(&says);
    assert_eq!(dependencies(&repository), before);
}

#[test]
fn the_lock_can_be_written_alone() {
    let repository = repository();
    let [header, pylock] = &lock_files();
    repository.xtask(["freeze", "--lock-only"]).exits(0).stderr_has(&wrote(&[header, pylock])).never_says(".yml:");
    assert_eq!(environment(&repository), ENVIRONMENT);
    assert!(repository.path(pylock).exists());
}

#[test]
fn all_that_the_packages_have_brought_is_listed_until_the_next_one() {
    let repository = repository();
    install(&repository, &["colorama 0.4.6", "tqdm 4.66.0 colorama"]);
    repository.xtask(["freeze"]).exits(0);
    let plain = environment(&repository);
    assert_eq!(plain, FROZEN, "what tqdm has brought is in the lock alone");
    let says = "xtask: listed 1 package that these depend on\n";
    repository.xtask(["freeze", "--full"]).exits(0).stderr_has(says);
    let full = environment(&repository);
    let (above, block) = full.split_at(plain.len());
    assert_eq!(above, plain);
    let lines: Vec<&str> = block.lines().map(str::trim).collect();
    assert!(
        matches!(lines[..], [begin, "- colorama==0.4.6", end] if begin.starts_with("# >>>") && end.starts_with("# <<<")),
        "{block}"
    );
    let ended = repository.xtask(["freeze", "--full"]);
    ended.exits(0).stderr_has(says).stderr_has("nothing was changed\n");
    repository.xtask(["drift"]).exits(0);

    repository.xtask(["freeze"]).exits(0).stderr_has(&wrote(&["dependencies/environment.yml"]));
    assert_eq!(environment(&repository), plain);
}

#[test]
fn a_check_compares_as_drift_does_and_writes_nothing() {
    let repository = repository();
    repository.xtask(["freeze"]).exits(0);
    let before = dependencies(&repository);
    for (version, code) in [("4.66.0", 0), ("4.67.1", 1)] {
        install(&repository, &[&format!("tqdm {version}")]);
        let drift = repository.xtask(["drift"]);
        drift.exits(code);
        repository.xtask(["freeze", "--check"]).exits(code).stdout(drift.out()).stderr(drift.err());
        assert_eq!(dependencies(&repository), before);
    }
}

#[test]
fn a_container_that_was_frozen_is_not_out_of_date_for_what_it_has() {
    let repository = repository();
    let directory = repository.path("installation/docker-amd64");
    // Its image had other packages than those that were installed by hand since.
    let of_image = ["0123", r#"{"BASE_IMAGE":"debian:11"}"#, r#"["pip tqdm"]"#].join("\t");
    let directory = format!("{}\t{of_image}", directory.to_str().unwrap());
    repository.stand_ins.containers(&[[ID, "p-dev-1", "running", "Up 1 hour", DEV, "dev", "False", "", &directory]]);
    let warning = "warning: the dev container is out of date (";
    let exec = || repository.xtask(["exec", "true"]);
    exec().exits(0).stderr_has(warning);
    repository.xtask(["freeze"]).exits(0);
    exec().exits(0).never_says(warning);
    repository.xtask(["drift"]).exits(0);

    // It does not have what is asked for later, nor what could not be found in it.
    repository.write("dependencies/environment.yml", &(environment(&repository) + "    - numpy\n"));
    exec().exits(0).stderr_has(warning);
    repository.xtask(["freeze"]).exits(0);
    exec().exits(0).stderr_has(warning);
}

#[test]
fn a_dry_run_tells_all_and_writes_nothing() {
    let repository = repository();
    let before = dependencies(&repository);
    let ended = repository.xtask(["freeze", "--dry-run"]);
    ended.exits(0).stderr_has("xtask (dry run): environment.yml:4 tqdm -> tqdm==4.66.0\n");
    ended
        .stderr_has(&format!("would write `dependencies/environment.yml`, `{LOCK}/lock.toml`, `{LOCK}/pylock.toml`\n"));
    assert_eq!(dependencies(&repository), before);
}

#[test]
fn a_file_with_errors_is_refused_and_left_alone() {
    let text = "dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm=4\n";
    let repository = repository().dependencies(text);
    let ended = repository.xtask(["freeze"]);
    ended.exits(1).stderr_has("error[E03").stderr_has("--> dependencies/environment.yml:4:");
    assert_eq!(environment(&repository), text);
    assert!(!repository.path("dependencies/lock").exists());
}

#[test]
fn what_fails_leaves_all_files_as_they_were() {
    let repository = repository();
    repository.xtask(["freeze"]).exits(0);
    let before = dependencies(&repository);
    install(&repository, &["tqdm 4.67.1"]);

    repository.stand_ins.note("solving-fails-once", "");
    let ended = repository.xtask(["freeze"]);
    ended.exits(1).stderr_has("uv cannot find the files of what is installed: error: the stand-in was told to fail\n");
    ended.stderr_has("`--extra-index-url`");
    assert_eq!(dependencies(&repository), before);

    offer(&repository, &["tqdm 4.66.0"]);
    let says = "error[E0803]: no file is known for `tqdm` 4.67.1: the index has 4.66.0";
    repository.xtask(["freeze"]).exits(1).stderr_has(says);
    assert_eq!(dependencies(&repository), before);

    repository.stand_ins.note("container", "echo 'exec format error' >&2; exit 126");
    let says = format!("the Python of the image `{RUNTIME}` cannot list what is installed: exec format error");
    repository.xtask(["freeze"]).exits(1).stderr_has(&says);
    assert_eq!(dependencies(&repository), before);

    repository.stand_ins.note("container", PROBE);
    offer(&repository, &["tqdm 4.67.1"]);
    repository.xtask(["freeze"]).exits(0);
}

#[test]
fn what_somebody_writes_while_it_waits_is_not_lost() {
    let repository = repository();
    let meanwhile = || repository.write("dependencies/environment.yml", &ENVIRONMENT.replace("tqdm", "tqdm # bars"));
    let ((), said) = waits_and_finishes(&repository, &["freeze"], meanwhile);
    assert!(said.contains("environment.yml:4 tqdm -> tqdm==4.66.0\n"), "{said}");
    assert_eq!(environment(&repository), FROZEN.replace("4.66.0", "4.66.0 # bars"));

    let meanwhile = || repository.write("dependencies/environment.yml", &format!("{FROZEN}    - rich\n"));
    waits_and_finishes(&repository, &["thaw"], meanwhile);
    assert_eq!(environment(&repository), format!("{ENVIRONMENT}    - rich\n"));
}

#[test]
fn packages_are_asked_for_without_the_projects_own() {
    let repository = repository();
    install(&repository, &["tiny-project 0.1.0", "tqdm 4.66.0"]);
    repository.xtask(["freeze"]).exits(0).never_says("tiny-project 0");
    assert_eq!(repository.read("target/xtask/lists/installed.txt"), "tqdm===4.66.0\n");
}

#[test]
fn a_listed_package_that_is_not_installed_is_not_locked() {
    let repository = repository().dependencies("dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm\n    - rich\n");
    repository.xtask(["freeze"]).exits(0).stderr_has("warning[W0342]: `rich` is not installed");
    let ended = repository.xtask(["build", "--locked"]);
    ended.exits(1).stderr_has("does not match the dependency files").stderr_has("environment.yml:5 + rich\n");
}
