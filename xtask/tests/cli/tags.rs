//! The tags of what is built.

use std::path::Path;
use std::process::Output;

use crate::build::build_of;
use crate::repository::{ENVIRONMENT, RUNTIME, Repository};

/// A program in the repository, with no settings of whoever runs the tests.
pub fn git(repository: &Repository, arguments: &[&str]) -> Output {
    let mut git = assert_cmd::Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    git.args(["-c", "user.name=x", "-c", "user.email=x@example.org", "-C"]).arg(repository.path(""));
    git.args(arguments).output().unwrap()
}

/// A repository whose inputs are committed, and the commit's short hash.
pub fn committed() -> (Repository, String) {
    let repository = Repository::with_settings("");
    let program = ["/usr/bin/git", "/usr/local/bin/git"].into_iter().find(|it| Path::new(it).exists()).unwrap();
    std::os::unix::fs::symlink(program, repository.temp("bin/git")).unwrap();
    repository.write(".gitignore", ".env\ntarget/\n.dev/\n");
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "--message", "x"]] {
        let output = git(&repository, arguments);
        assert!(output.status.success(), "{output:?}");
    }
    let short = String::from_utf8(git(&repository, &["rev-parse", "--short", "HEAD"]).stdout).unwrap();
    (repository, short.trim().to_owned())
}

/// The tags that the last build gave.
fn tags(repository: &Repository) -> Vec<String> {
    let build = repository.docker_changes().pop().unwrap();
    let words = build.iter().zip(build.iter().skip(1));
    let mut tags: Vec<String> = words.filter(|(option, _)| *option == "--tag").map(|(_, tag)| tag.clone()).collect();
    // There is one more hash, that of what was solved.
    let hash = format!("{RUNTIME}-[HASH]");
    let count = tags.iter().filter(|it| **it == hash).count();
    tags.truncate(tags.len() - (count - 1));
    tags
}

#[test]
fn an_image_is_called_by_its_inputs_and_by_their_commit() {
    let (repository, short) = committed();
    repository.xtask(["build"]).exits(0).never_says("no tag has a commit");
    assert_eq!(tags(&repository), [RUNTIME.to_owned(), format!("{RUNTIME}-[HASH]"), format!("{RUNTIME}-{short}")]);
}

#[test]
fn inputs_that_are_not_committed_have_no_commit_to_be_called_by() {
    let (repository, _) = committed();
    repository.write("dependencies/apt-dev.txt", "vim\ncurl\ntmux\n");
    let ended = repository.xtask(["build"]);
    ended
        .exits(0)
        .stderr_has("xtask: no tag has a commit, because of uncommitted changes: `dependencies/apt-dev.txt`\n");
    repository.write("dependencies/apt-runtime.txt", "sox\n");
    repository.xtask(["build"]).stderr_has("changes: `dependencies/apt-dev.txt` and 1 more\n");
    assert_eq!(tags(&repository), [RUNTIME.to_owned(), format!("{RUNTIME}-[HASH]")]);
}

#[test]
fn an_edit_of_a_file_that_the_list_includes_is_one_of_the_inputs() {
    let (repository, _) = committed();
    repository
        .write("dependencies/environment.yml", "dependencies:\n  - python>=3.11\n  - pip:\n    - -c ../limits.txt\n");
    repository.write("limits.txt", "tqdm<5\n");
    for arguments in [&["add", "."][..], &["commit", "--quiet", "--message", "y"]] {
        git(&repository, arguments);
    }
    repository.xtask(["build"]).exits(0).never_says("no tag has a commit");
    repository.write("limits.txt", "tqdm<4\n");
    repository.xtask(["build"]).exits(0).stderr_has("because of uncommitted changes: `limits.txt`\n");
}

#[test]
fn the_builder_is_told_the_time_of_the_commit_and_of_nothing_else() {
    let (repository, _) = committed();
    let time = String::from_utf8(git(&repository, &["log", "-1", "--format=%ct"]).stdout).unwrap();
    let told = format!(" SOURCE_DATE_EPOCH={} docker buildx build --load ", time.trim());
    repository.xtask(["build", "--verbose"]).exits(0).stderr_has(&told);
    repository.write("dependencies/apt-runtime.txt", "ca-certificates\nffmpeg\n");
    repository.xtask(["build", "--verbose"]).exits(0).never_says("SOURCE_DATE_EPOCH");
    let (repository, _) = committed();
    repository
        .variable("SOURCE_DATE_EPOCH", "7")
        .xtask(["build", "--verbose"])
        .exits(0)
        .never_says("SOURCE_DATE_EPOCH=");
}

#[test]
fn an_image_that_was_built_before_the_commit_gets_its_name_afterwards() {
    let (repository, _) = committed();
    repository.write("dependencies/apt-runtime.txt", "ca-certificates\nffmpeg\n");
    repository.xtask(["build"]).exits(0);
    for arguments in [&["add", "."][..], &["commit", "--quiet", "--message", "y"]] {
        assert!(git(&repository, arguments).status.success());
    }
    let short = String::from_utf8(git(&repository, &["rev-parse", "--short", "HEAD"]).stdout).unwrap();
    let name = format!("{RUNTIME}-{}", short.trim());
    repository.stand_ins.forget();
    let says = format!("xtask: it is `{name}` as well, because its files are committed now\n");
    repository.xtask(["build"]).exits(0).stderr_has(&says);
    assert_eq!(changes(&repository), [format!("tag {RUNTIME} {name}")]);
}

#[test]
fn an_edit_elsewhere_leaves_the_commit_alone() {
    let (repository, short) = committed();
    repository.write("python-project/src/tiny_package/__init__.py", "ANSWER = 43\n");
    repository.xtask(["build"]).exits(0);
    assert_eq!(tags(&repository)[2], format!("{RUNTIME}-{short}"));
}

const OTHER: &str = "dependencies:\n  - python>=3.11\n  - pip:\n    - numpy\n";

/// What Docker was asked to change, as lines.
fn changes(repository: &Repository) -> Vec<String> {
    repository.docker_changes().iter().map(|it| it.join(" ")).collect()
}

#[test]
fn an_image_that_was_built_from_the_same_files_before_gets_its_name_back() {
    let repository = Repository::with_settings("");
    for environment in [ENVIRONMENT, OTHER] {
        repository.write("dependencies/environment.yml", environment);
        repository.xtask(["build"]).exits(0);
    }
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    repository.stand_ins.forget();
    let ended = repository.xtask(["build"]);
    ended.exits(0).stderr_has(&format!("xtask: `{RUNTIME}` is `{RUNTIME}-"));
    ended.stderr_has("` now, which was built from the same files before\n");
    assert_eq!(changes(&repository), [format!("tag {RUNTIME}-[HASH] {RUNTIME}")]);
    repository.stand_ins.forget();
    repository.xtask(["build", "--force"]).exits(0);
    assert_eq!(repository.docker_changes(), [build_of("runtime")]);
}

#[test]
fn a_run_uses_the_image_of_its_own_files_whoever_has_the_name() {
    let repository = Repository::with_settings("").container("echo ran");
    for environment in [ENVIRONMENT, OTHER] {
        repository.write("dependencies/environment.yml", environment);
        repository.xtask(["build"]).exits(0);
    }
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    repository.stand_ins.forget();
    let ended = repository.xtask(["run", "true"]);
    ended.exits(0).stdout("ran\n").stderr_has(&format!("xtask: using `{RUNTIME}-"));
    ended.stderr_has(&format!("`: `{RUNTIME}` was built from other files since\n"));
    let [run] = &changes(&repository)[..] else { panic!("one container") };
    assert!(run.ends_with(&format!(" {RUNTIME}-[HASH] true")), "{run}");
}
