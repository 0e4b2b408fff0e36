//! `cargo xtask add` and `remove`

use std::process::Stdio;

use crate::installed::{LOCK, PLATFORM, asked_of_uv, install, offer};
use crate::repository::{ENVIRONMENT, RUNTIME, Repository};
use crate::stand_in::{Call, Daemon};
use crate::tree::{Tree, tree_of};

const FILE: &str = "dependencies/environment.yml";

/// A repository whose daemon is down, and in which whatever is asked for is there in version 1.0.
fn repository() -> Repository {
    Repository::with_settings("ENGINE=docker\n").daemon(Daemon::Down).note("solves")
}

fn dependencies(repository: &Repository) -> Tree {
    tree_of(&repository.path("dependencies"))
}

/// Runs a command that has to fail and to change nothing, and to say something.
#[track_caller]
fn refused(repository: &Repository, arguments: &[&str], says: &[&str]) {
    let before = dependencies(repository);
    let ended = repository.run(arguments);
    ended.exits(1);
    for part in says {
        ended.stderr_has(part);
    }
    assert_eq!(dependencies(repository), before);
}

#[test]
fn what_is_added_was_found_and_is_built_next() {
    let repository = repository();
    let says = "xtask: environment.yml:5 + polars>=1\nxtask: in the pip list: `polars`; `--conda` chooses conda's\n\
                xtask: found polars 1.0\nxtask: wrote `dependencies/environment.yml`\nxtask: next: cargo xtask build\n";
    repository.xtask(["add", "polars>=1"]).exits(0).stdout("").stderr(says);
    assert_eq!(repository.read(FILE), format!("{ENVIRONMENT}    - polars>=1\n"));
    assert_eq!(asked_of_uv(&repository), "polars>=1\ntqdm\n");
    assert!(!repository.path("dependencies/lock").exists(), "no lock is made where there is none");

    let says = "xtask: environment.yml:5 - polars>=1\nxtask: wrote `dependencies/environment.yml`\n\
                xtask: next: cargo xtask build\n";
    repository.stand_ins.forget();
    repository.xtask(["remove", "polars"]).exits(0).stdout("").stderr(says);
    assert_eq!(repository.read(FILE), ENVIRONMENT);
    assert_eq!(repository.calls("uv"), Vec::<Call>::new(), "with fewer packages there is nothing to find");
}

#[test]
fn a_lock_is_brought_up_to_date_and_keeps_what_it_has() {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    repository.xtask(["freeze"]).exits(0);
    let before = dependencies(&repository);
    offer(&repository, &["polars 1.2", "tqdm 4.66.0"]);
    let ended = repository.xtask(["add", "polars"]);
    ended.exits(0).stderr_has(&format!(
        "xtask: found polars 1.2\nxtask: locked 2 packages for {PLATFORM}, with 1 change\nxtask:   + polars 1.2\n\
         xtask: wrote `{FILE}`, `{LOCK}/lock.toml`, `{LOCK}/pylock.toml`\n"
    ));
    assert!(repository.read(FILE).ends_with("    - tqdm==4.66.0  # intent: tqdm\n    - polars\n"));
    let kept = std::fs::read_to_string(repository.temp("state/kept")).unwrap();
    assert!(kept.contains("tqdm-4.66.0.whl"), "uv keeps what it finds in the file that it is to write");
    repository.xtask(["lock"]).exits(0).stderr_has("as before\nxtask: the files are up to date");

    offer(&repository, &["tqdm 4.66.0"]);
    repository.xtask(["remove", "Polars"]).exits(0).stderr_has("xtask:   - polars 1.2\n");
    assert_eq!(dependencies(&repository), before);

    // What is frozen otherwise than it is asked for.
    repository.write(FILE, &repository.read(FILE).replace("# intent: tqdm", "# intent: tqdm>=4"));
    offer(&repository, &["tqdm 4.67.0"]);
    let ended = repository.xtask(["add", "tqdm>=4.67"]);
    ended.exits(0).stderr_has("environment.yml:4 tqdm==4.66.0 -> tqdm>=4.67\n").stderr_has("found tqdm 4.67.0\n");
    ended.stderr_has("tqdm 4.66.0 -> 4.67.0\n");
    assert!(repository.read(FILE).ends_with("    - tqdm>=4.67\n"));
}

#[test]
fn the_locks_of_other_platforms_and_one_that_is_not_solved_are_named() {
    let repository = repository();
    repository.xtask(["lock", "--platform", "osx/arm64", "--platform", PLATFORM]).exits(0);
    let next = "xtask: `cargo xtask lock --platform osx/arm64` brings what else is locked up to date\n";
    repository.xtask(["add", "rich"]).exits(0).stderr_has(next);
    let lock = tree_of(&repository.path("dependencies/lock"));
    let ended = repository.xtask(["add", "polars", "--no-solve"]);
    ended.exits(0).stderr_has(&format!("`cargo xtask lock --platform {PLATFORM} --platform osx/arm64` brings"));
    assert_eq!(tree_of(&repository.path("dependencies/lock")), lock);
}

#[test]
fn what_a_file_lists_is_added_and_what_cannot_be_is_told() {
    let repository = repository();
    repository.write(
        "old/requirements.txt",
        "--extra-index-url https://e.org/simple\nrich>=13 # tables\n-r more.txt\n-e .\n",
    );
    repository.write("old/more.txt", "polars[all]; python_version >= '3.9'\n");
    let ended = repository.xtask(["add", "-r", "old/requirements.txt"]);
    ended.exits(0).stderr_has("left out `--extra-index-url https://e.org/simple`").stderr_has("left out `-e .`");
    let listed = repository.read("dependencies/environment.yml");
    assert!(listed.contains("- rich>=13\n") && listed.contains("polars[all]"), "{listed}");
    refused(&repository, &["add", "-r", "old/none.txt"], &["cannot read `"]);
}

#[test]
fn where_nothing_is_found_nothing_is_changed() {
    let repository = repository();
    let why = "  × No solution found when resolving dependencies:\n  ╰─▶ Because polarz was not found in the package registry \
               and you require\n      polarz, we can conclude that your requirements are unsatisfiable.\n";
    repository.stand_ins.note("solving-fails-once", why);
    refused(
        &repository,
        &["add", "polarz"],
        &[
            "xtask: environment.yml:5 + polarz\n",
            "xtask: nothing was changed, because no versions could be found\n",
            "uv cannot solve environment.yml for ",
            "Because polarz was not found in the package registry",
            "it is about dependencies/environment.yml:5: `polarz`; did you mean `polars`?",
        ],
    );
    repository.xtask(["add", "rich"]).exits(0);
}

#[test]
fn what_a_build_misses_is_named_with_the_package_that_has_it() {
    let repository = Repository::with_settings("ENGINE=native\n").note("solves");
    let said = "x.c:1:10: fatal error: ffi.h: No such file or directory\n";
    repository.stand_ins.note("pip-fails-once", said);
    let advice = "`ffi.h` is in the package libffi-dev of Debian and Ubuntu: sudo apt-get install libffi-dev\n";
    repository.xtask(["build"]).exits(1).stderr_has(&format!("xtask: {advice}"));

    repository.stand_ins.note("solving-fails-once", said);
    let advice = "\n`ffi.h` is in the package libffi-dev: cargo xtask add --apt-build libffi-dev\n";
    repository.xtask(["add", "cffi"]).exits(1).stderr_has(advice);
}

#[test]
fn without_solving_no_network_and_no_daemon_are_needed() {
    let repository = repository().without("uv").note("no-network");
    repository.xtask(["add", "--no-solve", "polars"]).exits(0).never_says("found");
    repository
        .xtask(["add", "--no-solve", "--conda", "conda-forge::swig=4"])
        .exits(0)
        .stderr_has("xtask: environment.yml:3 + conda-forge::swig=4\nxtask: wrote `dependencies/environment.yml`\n");
    // Now conda makes the environment, and what is written as it writes is its own.
    let ended = repository.xtask(["add", "--no-solve", "mkl=2024"]);
    ended.exits(0).stderr_has("xtask: in conda's list, as they are written: `mkl`; `--pip` chooses the pip list\n");
    let text =
        "dependencies:\n  - python>=3.11\n  - conda-forge::swig=4\n  - mkl=2024\n  - pip:\n    - tqdm\n    - polars\n";
    assert_eq!(repository.read(FILE), text);
    repository.xtask(["remove", "--no-solve", "mkl", "swig", "polars"]).exits(0);
    assert_eq!(repository.read(FILE), ENVIRONMENT);
}

#[test]
fn system_packages_are_listed_where_they_are_asked_to_be() {
    let repository = repository().without("uv");
    let says = "xtask: apt-build.txt:2 + libpq-dev\nxtask: wrote `dependencies/apt-build.txt`\n\
                xtask: next: cargo xtask build\n";
    repository.xtask(["add", "--apt-build", "libpq-dev"]).exits(0).stdout("").stderr(says);
    repository.xtask(["add", "--apt-dev", "htop", "curl=8.5"]).exits(0).stderr_has("apt-dev.txt:3 curl -> curl=8.5\n");
    assert_eq!(repository.read("dependencies/apt-dev.txt"), "vim\n\ncurl=8.5\nhtop\n");
    let says = "xtask: apt-dev.txt:1 vim is there already\nxtask: `dependencies/apt-dev.txt` was not changed\n";
    repository.xtask(["add", "--apt-dev", "vim"]).exits(0).stderr(says);
    repository.xtask(["remove", "--apt-dev", "htop"]).exits(0).stderr_has("apt-dev.txt:4 - htop\n");
    std::fs::remove_file(repository.path("dependencies/apt-runtime.txt")).unwrap();
    repository.xtask(["add", "--apt-runtime", "libsndfile1"]).exits(0);
    assert_eq!(repository.read("dependencies/apt-runtime.txt"), "libsndfile1\n");
}

#[test]
fn python_is_found_too() {
    let repository = repository().note("python-found");
    repository.stand_ins.note("python-found", "3.12.4\n");
    let ended = repository.xtask(["add", "python>=3.12"]);
    ended.exits(0).stderr_has("environment.yml:2 python>=3.11 -> python>=3.12\nxtask: found python 3.12.4\n");
}

#[test]
fn nothing_to_do_is_said() {
    let repository = repository();
    let before = dependencies(&repository);
    let says =
        "xtask: environment.yml:4 tqdm is there already\nxtask: `dependencies/environment.yml` was not changed\n";
    repository.xtask(["add", "TQDM"]).exits(0).stderr(says);
    assert_eq!(dependencies(&repository), before);
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn a_dry_run_shows_the_edits_and_writes_nothing() {
    let repository = repository();
    let before = dependencies(&repository);
    let ended = repository.xtask(["add", "polars", "tqdm>=4", "--dry-run"]);
    ended.exits(0).stderr_has("environment.yml:5 + polars\n").stderr_has("environment.yml:4 tqdm -> tqdm>=4\n");
    ended.stderr_has("would write `dependencies/environment.yml`");
    repository.xtask(["remove", "tqdm", "--dry-run"]).exits(0).stderr_has("environment.yml:4 - tqdm\n");
    repository.xtask(["add", "--apt-dev", "htop", "--dry-run"]).exits(0).stderr_has("apt-dev.txt:4 + htop\n");
    assert_eq!(dependencies(&repository), before);
}

#[test]
fn what_is_wrong_is_one_clear_error_and_changes_nothing() {
    let repository = repository();
    for (arguments, code, place) in [
        (&["add", "numpy=1.26"][..], "error[E0314]", "command line:1:6"),
        (&["add", "polars", "numpy=="], "error[E0324]", "command line:1:"),
        (&["add", "--", "-r more.txt"], "error[E0321]", "command line:1:1"),
        (
            &["add", "a @ https://user:secret@e.org/a-1-py3-none-any.whl"],
            "warning[W0331]",
            "dependencies/environment.yml:5:",
        ),
        (&["add", "--conda", "tqdm"], "warning[W0313]: `tqdm` is in the pip list", "dependencies/environment.yml:4:7"),
        (&["add", "--pip", "python"], "warning[W0313]: `python` is in the conda", "dependencies/environment.yml:2:5"),
        (&["add", "rich", "rich>=13"], "warning[W0337]: `rich` is listed twice", "dependencies/environment.yml:6:7"),
        (&["add", "torch==2.5.1+cu118"], "warning[W0340]", "dependencies/environment.yml:5:7"),
        (&["add", "--apt-dev", "Vim"], "error[E0401]", "command line:1:1"),
        (&["add", "--apt-dev", "ca-certificates"], "warning[W0404]", "dependencies/apt-dev.txt:4:1"),
        (&["remove", "tqmd"], "error[E0343]: `tqmd` is not listed", "dependencies/environment.yml"),
        (&["remove", "--conda", "tqdm"], "error[E0343]", "dependencies/environment.yml:4:7"),
        (&["remove", "--apt-dev", "git"], "error[E0343]: `git` is not listed", "dependencies/apt-dev.txt"),
    ] {
        let before = dependencies(&repository);
        let ended = repository.run(arguments);
        ended.exits(1).stdout("").stderr_has(code).stderr_has(&format!("--> {place}")).never_says("secret");
        assert_eq!(["error[", "warning["].map(|it| ended.err().matches(it).count()).iter().sum::<usize>(), 1);
        assert_eq!(dependencies(&repository), before, "{arguments:?}");
    }
    for arguments in [&["add"][..], &["remove"], &["add", "--pip", "--conda", "rich"]] {
        repository.run(arguments).exits(2);
    }
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn one_that_is_killed_has_changed_all_files_or_none() {
    let repository = repository();
    repository.xtask(["lock"]).exits(0);
    let old = dependencies(&repository);
    repository.xtask(["add", "polars"]).exits(0);
    let new = dependencies(&repository);
    repository.xtask(["remove", "polars"]).exits(0);
    assert_eq!(dependencies(&repository), old);
    for milliseconds in (0..60).step_by(4) {
        let mut child = repository.command().args(["add", "polars"]).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        _ = child.kill();
        child.wait().unwrap();
        repository.xtask(["check"]).exits(0);
        let found = dependencies(&repository);
        assert!(found == old || found == new, "killed after {milliseconds} ms: {:?}", found.keys());
        repository.xtask(["add", "polars"]).exits(0);
        repository.xtask(["remove", "polars"]).exits(0);
    }
}
