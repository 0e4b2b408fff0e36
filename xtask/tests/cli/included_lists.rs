//! Requirements and constraints files that `environment.yml` includes.

use std::os::unix::fs::symlink;

use crate::installed::{LOCK, PLATFORM, asked_of_uv, install, offer};
use crate::repository::{RUNTIME, Repository};

const ENVIRONMENT: &str = "dependencies:\n  - python>=3.11\n  - pip\n  - pip:\n    - -r requirements.txt\n    \
                           - -c ../limits.txt\n";

/// A repository whose list includes two files, one of which includes another.
fn repository() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").dependencies(ENVIRONMENT);
    repository.write("dependencies/requirements.txt", "# Ours.\ntqdm>=4 \\\n  # for loops\n-r more/plots.txt\n");
    repository.write("dependencies/more/plots.txt", "--extra-index-url https://e.org/simple\nrich\n");
    repository.write("limits.txt", "rich<15\nnumpy<2\n");
    install(&repository, &["pip 25.0", "rich 14.0", "tqdm 4.66.0"]);
    repository
}

/// What uv was asked for, and within which bounds.
fn asked(repository: &Repository) -> [String; 2] {
    let constraints = format!("target/xtask/solve/{}/pip/constraints.txt", PLATFORM.replace('/', "-"));
    [asked_of_uv(repository), repository.read(&constraints)]
}

#[test]
fn their_lines_are_solved_as_if_they_were_written_in_the_list() {
    let repository = repository();
    repository.xtask(["lock"]).exits(0);
    let [wanted, bounds] = asked(&repository);
    assert_eq!(wanted, "--extra-index-url https://e.org/simple\npip\nrich\ntqdm>=4\n");
    assert_eq!(bounds, "numpy<2\nrich<15\n");
    let lock = repository.read(&format!("{LOCK}/lock.toml"));
    for line in ["constraints rich <15", "pip tqdm >=4"] {
        assert!(lock.contains(line), "{line}: {lock}");
    }
}

#[test]
fn a_change_in_one_makes_the_image_out_of_date_and_names_its_line() {
    let repository = repository();
    repository.xtask(["build"]).exits(0);
    repository.write("dependencies/requirements.txt", "-r more/plots.txt\n\n# Theirs.\ntqdm>=4\n");
    repository.xtask(["build"]).exits(0).stderr_has("is up to date");
    for (file, text, says) in [
        (
            "dependencies/more/plots.txt",
            "--extra-index-url https://e.org/simple\n\nrich>=14\n",
            ":3 rich any -> >=14\n",
        ),
        ("limits.txt", "rich<15\nnumpy<3\n", ":2 constraint numpy <2 -> <3\n"),
        ("dependencies/requirements.txt", "-r more/plots.txt\ntqdm>=4\ncolorama\n", ":3 + colorama\n"),
    ] {
        repository.write(file, text);
        repository.xtask(["run", "--no-sync", "true"]).exits(0).stderr_has("is out of date");
        repository.xtask(["build"]).exits(0).stderr_has(&format!("is out of date:\nxtask:   {file}{says}"));
        repository.xtask(["build"]).exits(0).stderr_has("is up to date");
    }
}

#[test]
fn one_that_a_link_replaces_by_a_file_outside_is_not_read() {
    let repository = repository();
    let outside = repository.temp("outside.txt");
    std::fs::write(&outside, "secret==1\n").unwrap();
    std::fs::remove_file(repository.path("limits.txt")).unwrap();
    symlink(&outside, repository.path("limits.txt")).unwrap();
    let says = "dependencies/environment.yml:6:7: error[E0321]: `-c` names `limits.txt`: a link leads out of the repository, \
                to `[TEMP]/outside.txt`";
    let ended = repository.xtask(["check", "--format", "short"]);
    ended.exits(1).stdout_has(says);
    assert!(!ended.out().contains("secret"));
    repository.xtask(["build"]).exits(1);
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn freeze_locks_what_they_list_and_leaves_them_as_they_are() {
    let repository = repository().image(RUNTIME);
    let files = ["dependencies/requirements.txt", "dependencies/more/plots.txt", "limits.txt"];
    let before = files.map(|it| repository.read(it));
    let ended = repository.xtask(["freeze", "--verbose"]);
    ended.exits(0).never_says("(2 times)").never_says("rich 14");
    assert_eq!(files.map(|it| repository.read(it)), before);
    let frozen = repository.read("dependencies/environment.yml");
    assert_eq!(
        frozen,
        ENVIRONMENT
            .replace("python>=3.11\n", "python=3.12.4  # intent: python>=3.11\n")
            .replace("- pip\n", "- pip=25.0  # intent: pip\n")
    );
    let pylock = repository.read(&format!("{LOCK}/pylock.toml"));
    assert!(pylock.contains("name = \"rich\"\nversion = \"14.0\"") && pylock.contains("tqdm"), "{pylock}");
    repository.xtask(["build", "--locked"]).exits(0);
    repository.xtask(["drift"]).exits(0);
    repository.xtask(["thaw"]).exits(0);
    assert_eq!(repository.read("dependencies/environment.yml"), ENVIRONMENT);
}

#[test]
fn what_is_installed_and_not_allowed_by_them_is_told_at_their_lines() {
    let repository = repository().image(RUNTIME);
    install(&repository, &["pip 25.0", "rich 15.0", "tqdm 3.0"]);
    let ended = repository.xtask(["drift"]);
    ended.exits(1).stderr_has("error[E0806]: `rich<15` required, 15.0 installed\n --> limits.txt:1:1");
    ended.stderr_has("error[E0806]: `tqdm>=4` required, 3.0 installed\n --> dependencies/requirements.txt:2:1");
    ended.stderr_has("help: rebuild, or change this line");
    let says = "warning[W0342]: `tqdm` 3.0 is installed, and `freeze` leaves `dependencies/requirements.txt` as it is";
    repository.xtask(["freeze"]).exits(0).stderr_has(says);
}

#[test]
fn commands_that_edit_a_line_name_the_file_that_has_it() {
    let repository = repository();
    let says = "error[E0343]: `rich` is listed in a file that `environment.yml` includes, which this command leaves as it is\n \
                --> dependencies/more/plots.txt:2:1";
    for words in [["add", "rich>=14"], ["remove", "Rich"], ["thaw", "rich"]] {
        repository.xtask(words).exits(1).stderr_has(says);
    }
    assert_eq!(repository.read("dependencies/environment.yml"), ENVIRONMENT);
    repository.xtask(["lock"]).exits(0);
    offer(&repository, &["pip 25.0", "rich 14.1", "tqdm 4.66.0"]);
    repository.xtask(["lock", "--upgrade", "rich"]).exits(0).stderr_has("rich 14.0 -> 14.1");
    repository.xtask(["add", "colorama", "--no-solve"]).exits(0);
    assert_eq!(repository.read("dependencies/environment.yml"), ENVIRONMENT.to_owned() + "    - colorama\n");
}
