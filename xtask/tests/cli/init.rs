//! `cargo xtask init`, in clones that git has made.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::repository::{ENV_FILE, Repository};
use crate::tree::Tree;

/// This repository, whose rules and files are tried.
const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A clone of this repository as it is now, with git and somebody who commits.
pub fn clone() -> Repository {
    let repository = Repository::named("brain").stand_in("cargo").program("git");
    fs::remove_dir_all(repository.path("")).unwrap();
    fs::create_dir(repository.path("")).unwrap();
    for file in our_files() {
        let (from, to) = (Path::new(OURS).join(&file), repository.path(&file));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    fs::write(repository.temp("home/.gitconfig"), "[user]\nname = Ada\nemail = ada@example.org\n").unwrap();
    git(&repository, "init --quiet");
    git(&repository, "add --all");
    git(&repository, "commit --quiet --message template");
    repository
}

/// What git knows of this repository, or would be asked about, without most of the tool's tests.
fn our_files() -> Vec<String> {
    let mut git = assert_cmd::Command::new("git");
    let listed = git.args(["-C", OURS, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    let is_there = |it: &&str| {
        let is_test = it.starts_with("xtask/tests/") && *it != "xtask/tests/cli/main.rs";
        Path::new(OURS).join(it).is_file() && !is_test && !it.contains("/tests/data/")
    };
    listed.split_terminator('\0').filter(is_there).map(str::to_owned).collect()
}

/// What git prints.
pub fn git(repository: &Repository, words: &str) -> String {
    git_in(repository, &repository.path(""), words)
}

pub fn git_in(repository: &Repository, directory: &Path, words: &str) -> String {
    let mut git = assert_cmd::Command::new("git");
    git.env_clear().env("HOME", repository.temp("home")).env("PATH", "/usr/bin:/bin").current_dir(directory);
    String::from_utf8(git.args(words.split(' ')).output().unwrap().stdout).unwrap()
}

/// Where the branch is, what git sees, and the contents of every file that is not in `target/`.
pub fn state(repository: &Repository) -> (String, String, Tree) {
    let mut tree = repository.tree();
    tree.retain(|path, _| !path.starts_with(".git") && !path.starts_with("target"));
    (git(repository, "rev-parse HEAD"), git(repository, "status --porcelain"), tree)
}

#[test]
fn a_clone_becomes_the_project_in_one_commit() {
    let repository = clone();
    let before = git(&repository, "rev-parse HEAD");
    let ended = repository.xtask(["init", "brain_decoding", "--python", "3.12", "--yes"]);
    ended.exits(0).stderr_has("project `brain-decoding`, package `brain_decoding`, heading `Brain decoding`");
    ended.stderr_has("  cargo xtask run -- python -m brain_decoding.main\n  cargo xtask ci\n");
    assert_eq!(git(&repository, "status --porcelain"), "");
    assert_eq!(git(&repository, "rev-parse HEAD^"), before);
    assert_eq!(git(&repository, "log -1 --format=%an:%s"), "Ada:Make brain-decoding of the template\n");

    let files = git(&repository, "ls-files");
    assert!(files.lines().filter(|it| !it.starts_with("xtask/")).count() < 70, "{files}");
    assert!(!files.lines().any(|it| it.starts_with("xtask/") && it.contains("tests/")), "{files}");
    assert!(repository.path("python-project/src/brain_decoding/main.py").is_file());
    assert!(!repository.path("python-project/src/template_package").exists());
    assert!(repository.read("python-project/pyproject.toml").contains("requires-python = \">=3.12\""));
    assert!(repository.read("LICENSE").contains(" Ada\n"));
    assert!(repository.read(".xtask.toml").contains(&format!("commit = \"{}\"", before.trim())));
    assert_eq!(repository.docker_calls().len(), 0);

    repository.xtask(["check"]).exits(0).stdout("");
    assert!(!repository.path(ENV_FILE).exists());
}

#[test]
fn a_second_time_says_that_it_is_done() {
    let repository = clone();
    repository.xtask(["init", "brain-decoding", "--yes"]).exits(0);
    let before = state(&repository);
    let hint = "`cargo xtask init --rename NEW` gives it another name";
    repository.xtask(["init", "brain_decoding", "--yes"]).exits(0).stderr_has("already").stderr_has(hint);
    repository.xtask(["init"]).exits(0).stderr_has(hint);
    repository.xtask(["init", "other"]).exits(2).stderr_has(hint);
    assert_eq!(state(&repository), before);
}

#[test]
fn bad_input_is_one_clear_error_and_changes_nothing() {
    let repository = clone();
    repository.write("target/old.yml", "dependencies:\n  - python=\"3\n");
    repository.write("target/full/file", "");
    let before = state(&repository);
    for (arguments, error) in [
        (
            &["init", "random"][..],
            "error: `random` cannot be the name of a project: Python has a module `random` of its own\n",
        ),
        (&["init", "class"], "error: `class` cannot be the name of a project: it is a word of Python's language\n"),
        (&["init", "Brain Décodage"], "`brain-d-codage` would do\n"),
        (&["init", "2brains"], "it begins with a digit"),
        (&["init"], "error: without a terminal to ask, the project needs a name: `cargo xtask init NAME`\n"),
        (
            &["init", "brain", "--license", "gpl"],
            "there is no text of the license `gpl` here: choose BSD-3-Clause, MIT, none or keep\n",
        ),
        (&["init", "brain", "--lab", "My Lab"], "error: `LAB_NAME` must be lower-case"),
        (&["init", "brain", "--registry", "https://e.org"], "error: `REGISTRY_HOSTNAME` must be"),
        (&["init", "brain", "--from", "target/old.yml"], "/target/old.yml:2:"),
        (&["init", "brain", "--from", "target/none.txt"], "cannot read `[ROOT]/target/none.txt`"),
        (&["init", "brain", "--from", "README.md"], "is of no kind that is known by its name"),
        (&["init", "brain", "--into", "target/full"], "error: `[ROOT]/target/full` exists already"),
        (&["init", "--rename", "other"], "there is no `.xtask.toml`"),
    ] {
        let ended = repository.run(arguments);
        ended.exits(1).stdout("").stderr_has(error);
        assert_eq!(ended.err().lines().filter(|it| it.starts_with("error")).count(), 1, "{ended:#?}");
        assert_eq!(state(&repository), before, "{arguments:?}");
    }
    for arguments in [&["init", "brain", "--python", "2.7"][..], &["init", "brain", "--base", "A b"]] {
        repository.run(arguments).exits(2);
        assert_eq!(state(&repository), before, "{arguments:?}");
    }
}

/// `init` on a terminal, by the program of util-linux, where somebody types these lines: the exit code, and what is shown.
fn typed(repository: &Repository, lines: &[&str]) -> (Option<i32>, String) {
    let xtask = repository.command();
    let line = format!("'{}' init", xtask.get_program().to_str().unwrap());
    let mut script = Command::new(repository.temp("bin/script"));
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env_clear();
    script.envs(xtask.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("SHELL", "/bin/sh");
    script.current_dir(repository.path("")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_wrong_answer_on_the_terminal_is_told_and_asked_for_again() {
    let repository = clone().program("script");
    let answers = ["is wrong!", "numpy", "brain_decoding", "3", "3.12", "gpl", "mit", "No Lab!", "lab", "y"];
    let (code, shown) = typed(&repository, &answers);
    assert_eq!(code, Some(0), "{shown}");
    for (question, times) in [
        ("name of the project [brain]", 3),
        ("Python to develop with", 2),
        ("license: mit, bsd-3-clause, none or keep [mit]", 2),
        ("lab, for the names of images", 2),
        ("[y/N]", 1),
    ] {
        assert_eq!(shown.matches(question).count(), times, "{question}: {shown}");
    }
    for wrong in [
        "it is that of a package that environment.yml lists, `numpy`",
        "write a minor version of Python 3, such as 3.12",
        "choose BSD-3-Clause, MIT, none or keep",
        "`LAB_NAME`",
    ] {
        assert!(shown.contains(wrong), "{wrong}: {shown}");
    }
    assert!(repository.read("python-project/pyproject.toml").contains("name = \"brain-decoding\""));
    assert!(repository.read(ENV_FILE).contains("\nLAB_NAME=lab\n"));
}

#[test]
fn what_would_be_lost_or_is_not_gits_is_refused() {
    let repository = clone();
    repository.write("README.md", "mine\n");
    let before = state(&repository);
    let says = "error: `README.md` changed since the last commit: commit that first";
    repository.xtask(["init", "brain"]).exits(1).stderr_has(says);
    assert_eq!(state(&repository), before);
    git(&repository, "checkout --quiet README.md");

    repository.write("python-project/src/brain_decoding/main.py", "mine\n");
    let before = state(&repository);
    let says = "error: `python-project/src/brain_decoding/main.py` is in the way, and git does not track it";
    repository.xtask(["init", "brain-decoding"]).exits(1).stderr_has(says);
    assert_eq!(state(&repository), before);

    let no_git = clone().without("git");
    no_git.xtask(["init", "brain"]).exits(1).stderr_has("there is no `git` in PATH: install it first\n");
    let no_repository = Repository::fresh().program("git");
    no_repository
        .xtask(["init", "brain"])
        .exits(1)
        .stderr_has("is no repository that git reads: fatal: not a git repository");
    let larger = clone();
    fs::rename(larger.path(".git"), larger.temp(".git")).unwrap();
    larger.xtask(["init", "brain"]).exits(1).stderr_has("is a folder of a larger repository");
}

#[test]
fn git_has_to_know_whom_the_commit_is_by_before_anything_is_written() {
    let repository = clone().variable("EMAIL", "");
    fs::write(repository.temp("home/.gitconfig"), "[user]\nuseConfigOnly = true\n").unwrap();
    let before = state(&repository);
    repository
        .xtask(["init", "brain"])
        .exits(1)
        .stderr_has("error: git does not know whom the commit is by: `git config");
    assert_eq!(state(&repository), before);
    let head = git(&repository, "rev-parse HEAD");
    repository.xtask(["init", "brain", "--no-commit"]).exits(0);
    assert_eq!(git(&repository, "rev-parse HEAD"), head);
    assert!(git(&repository, "status --porcelain").contains("A  .xtask.toml\n"));
}

#[test]
fn a_dry_run_shows_the_names_and_changes_nothing() {
    let repository = clone();
    let before = state(&repository);
    repository.xtask(["init", "brain-decoding", "--dry-run"]).exits(0).stderr_has("package `brain_decoding`");
    assert_eq!(state(&repository), before);
}

#[test]
fn a_new_folder_gets_the_project_and_the_clone_stays() {
    let repository = clone();
    let before = state(&repository);
    let folder = repository.temp("new/study");
    let ended = repository.run(&["init", "brain-decoding", "--into", "../new/study", "--lab", "lab", "--yes"]);
    ended.exits(0).stderr_has("  cd [TEMP]/new/study && cargo xtask run -- python -m brain_decoding.main\n");
    assert_eq!(state(&repository), before);
    assert_eq!(git_in(&repository, &folder, "status --porcelain"), "");
    assert_eq!(git_in(&repository, &folder, "log --format=%an:%s"), "Ada:Make brain-decoding of the template\n");
    assert!(fs::read_to_string(folder.join(ENV_FILE)).unwrap().contains("LAB_NAME=lab\n"));
    assert_eq!(fs::read_dir(repository.temp("new")).unwrap().count(), 1, "nothing is left beside it");
    repository.run(&["init", "brain-decoding", "--into", folder.to_str().unwrap(), "--yes"]).exits(1);
}

#[test]
fn what_a_foreign_list_asks_for_is_the_projects() {
    let export = "name: old\nchannels: [conda-forge]\ndependencies:\n  - python=3.10.13=hd12c33a_0_cpython\n  - numpy=1.26.4=py310_0\n  \
                  - pip=24.0=pyhd8ed1ab_0\n  - pip:\n      - tqdm==4.66.1\nprefix: /home/me/env\n";
    let pyproject = "[project]\nname = 'old'\nrequires-python = '>=3.9'\ndependencies = ['tqdm>=4', 'numpy<2']\n";
    for (name, text, packages, python, said) in [
        (
            "environment.yml",
            export,
            &["  - numpy=1.26.4\n", "      - tqdm==4.66.1\n"][..],
            ">=3.10",
            "left out `prefix`",
        ),
        ("requirements.txt", "-r base.txt\n-e .\n", &["      - tqdm>=4\n"], ">=3.11", "took over "),
        (
            "pyproject.toml",
            pyproject,
            &["      - tqdm>=4\n", "      - numpy<2\n", "  - python>=3.9\n"],
            ">=3.9",
            "took over 4 packages",
        ),
    ] {
        let repository = clone();
        repository.write(&format!("target/{name}"), text);
        repository.write("target/base.txt", "tqdm>=4\n");
        let ended = repository.run(&["init", "brain", "--from", &format!("target/{name}"), "--yes"]);
        ended.exits(0).stderr_has(said);
        let list = repository.read("dependencies/environment.yml");
        assert!(
            list.starts_with("# The Python environment of this project.") && list.contains("\nname: brain\n"),
            "{list}"
        );
        for package in packages {
            assert!(list.contains(package), "{name}: {package} is not in\n{list}");
        }
        let bound = format!("requires-python = \"{python}\"");
        assert!(repository.read("python-project/pyproject.toml").contains(&bound), "{name}");
        let checked = repository.xtask(["check"]);
        checked.exits(0);
        assert_eq!(git(&repository, "status --porcelain"), "");
    }
}

#[test]
fn the_settings_that_are_there_follow_the_names() {
    let repository = clone();
    repository.xtask(["env"]).exits(0);
    repository.xtask(["env", "--set", "SHM_SIZE=2gb"]).exits(0);
    repository.xtask(["init", "brain-decoding", "--registry", "registry.example.org", "--yes"]).exits(0);
    let settings = repository.read(ENV_FILE);
    for line in [
        "PROJECT_NAME=brain-decoding\n",
        "PACKAGE_NAME=brain_decoding\n",
        "REGISTRY_HOSTNAME=registry.example.org\n",
        "SHM_SIZE=2gb\n",
    ] {
        assert!(settings.contains(line), "{line} is not in\n{settings}");
    }
    assert!(settings.contains("COMPOSE_PROJECT_NAME=brain-decoding-"), "{settings}");
    repository.xtask(["check"]).exits(0).stdout("");
}

#[test]
fn a_project_gets_another_name_later() {
    let repository = clone();
    repository.xtask(["init", "brain-decoding", "--yes"]).exits(0);
    repository.xtask(["env"]).exits(0);
    repository.write("python-project/src/brain_decoding/mine.py", "from brain_decoding.main import main\n");
    git(&repository, "add --all");
    git(&repository, "commit --quiet --message mine");
    let ended = repository.xtask(["init", "--rename", "seeing", "--yes"]);
    ended.exits(0).stderr_has("docker image ls --filter label=org.opencontainers.image.title=brain-decoding");
    ended.stderr_has("docker ps --all --filter label=xtask.project=brain-decoding-");
    assert_eq!(git(&repository, "status --porcelain"), "");
    assert_eq!(repository.read("python-project/src/seeing/mine.py"), "from seeing.main import main\n");
    assert!(!repository.path("python-project/src/brain_decoding").exists());
    assert!(repository.read(".xtask.toml").contains("name = \"seeing\"\n"));
    assert!(repository.read(ENV_FILE).contains("PROJECT_NAME=seeing\n"));
    assert_eq!(git(&repository, "grep -il brain -- :!xtask"), "");
    repository.xtask(["check"]).exits(0).stdout("");
    repository.xtask(["init", "--rename", "seeing"]).exits(0).stderr_has("it is called `seeing` already");
    repository.xtask(["init", "--rename", "random"]).exits(1).stderr_has("Python has a module `random`");
}
