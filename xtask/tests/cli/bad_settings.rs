//! Settings that cannot be meant so: their file and place, exit code 1, nothing started, nothing changed.

use crate::ended::Ended;
use crate::repository::{ENV_FILE, Repository};

/// What `build`, `run` and `shell` say alike of a repository, of which they change nothing.
#[track_caller]
pub fn refused(repository: &Repository) -> Ended {
    let before = repository.tree();
    for arguments in [["run", "true"], ["shell", "--gpu"], ["push", "all"], ["build", "--dry-run"]] {
        repository.xtask(arguments).exits(1).stdout("");
    }
    let ended = repository.xtask(["build"]);
    ended.exits(1).stdout("");
    assert!(repository.docker_calls().is_empty(), "nothing was started: {:?}", repository.docker_calls());
    assert!(repository.calls("uv").is_empty(), "nothing was started: {:?}", repository.calls("uv"));
    assert_eq!(repository.tree(), before, "nothing was changed");
    ended
}

#[test]
fn an_unknown_variable_comes_with_the_known_one() {
    let expected = "installation/docker-amd64/.env:2:1: error: unknown variable `ENGIN`\n    \
                    help: did you mean `ENGINE`?\n";
    refused(&Repository::with_settings("# mine\nENGIN=docker\n")).stderr(expected);
}

#[test]
fn a_variable_like_no_other_says_where_the_known_ones_are() {
    let expected = "installation/docker-amd64/.env:1:1: error: unknown variable `ZZZ`\n    \
                    help: remove the line; `cargo xtask env --show` lists the variables there are\n";
    refused(&Repository::with_settings("ZZZ=1\n")).stderr(expected);
}

#[test]
fn wrong_values_are_all_named_at_once() {
    let lines = "USRID=me\nENGINE=podman\nCPU_OR_GPU='tpu'\nSOLVER=pip\nIMAGE_NAME=Me/Project\n\
                 DATA_DIR=data\nREGISTRY_HOSTNAME=https://x\nBASE_IMAGE=a:b:c\nPROJECT_NAME=other\n\
                 CA_CERTIFICATES=/none.pem\nLOCAL_DATA_DIR=''\n";
    let ended = refused(&Repository::with_settings(lines));
    for (place, message) in [
        ("1:7", "`USRID` must be a number from 0 to 4294967295, not `me`"),
        ("2:8", "`ENGINE` must be one of `auto`, `docker`, `native`, not `podman`"),
        ("3:12", "`CPU_OR_GPU` must be one of `cpu`, `gpu`, `rocm`, not `tpu`"),
        ("4:8", "`SOLVER` must be one of `auto`, `conda`, `uv`, not `pip`"),
        ("5:12", "`IMAGE_NAME` must be lower-case letters and digits"),
        ("6:10", "`DATA_DIR` must be an absolute path inside the container"),
        ("7:19", "`REGISTRY_HOSTNAME` must be a host name with an optional port"),
        ("8:12", "`BASE_IMAGE` "),
        ("9:14", "`PROJECT_NAME` is `other`, but python-project/pyproject.toml names it `tiny-project`"),
        ("10:17", "`CA_CERTIFICATES` names a file that is not there: `/none.pem`"),
        ("11:16", "`LOCAL_DATA_DIR` must not be empty"),
    ] {
        ended.stderr_has(&format!("{ENV_FILE}:{place}: error: {message}"));
    }
}

#[test]
fn a_wrong_value_in_the_shell_says_that_it_is_there() {
    let expected = "installation/docker-amd64/.env: error: `ENGINE`, set in your shell, must be one of `auto`, \
                    `docker`, `native`, not `podman`\n    help: `unset ENGINE` or set it to something else\n";
    refused(&Repository::with_settings("").variable("ENGINE", "podman")).stderr(expected);
}

#[test]
fn a_malformed_line_comes_with_the_right_spelling() {
    for (line, place, help) in [
        ("ENGINE docker", "2:7", "write `ENGINE=value`"),
        ("USR=J Doe", "2:7", "write `USR='J Doe'`"),
        ("USR=\"J Doe", "2:5", "write `USR="),
        ("USR=$(id -un)", "2:5", "write `USR='$(id -un)'`"),
        ("USRID=7\r", "2:8", "Unix line endings"),
    ] {
        let ended = refused(&Repository::with_settings(&format!("# mine\n{line}\n")));
        ended.stderr_has(&format!("{ENV_FILE}:{place}: error: ")).stderr_has(help);
    }
}

#[test]
fn a_variable_set_twice_names_both_lines() {
    let expected = "installation/docker-amd64/.env:3:1: error: `ENGINE` is set twice, first in line 1\n    \
                    help: keep one of the two lines\n";
    refused(&Repository::with_settings("ENGINE=docker\n\nENGINE=native\n")).stderr(expected);
}

#[test]
fn a_mistake_in_pyproject_toml_has_its_place() {
    let repository = Repository::fresh().file("python-project/pyproject.toml", "[project]\nname = 3\n");
    refused(&repository).stderr_has("python-project/pyproject.toml:2:8: error: ");
}

#[test]
fn different_kinds_of_mistakes_in_one_file_are_shown_at_once() {
    let ended = refused(&Repository::with_settings("ENGIN=docker\nSOLVER=pip\n"));
    ended
        .stderr_has(".env:1:1: error: unknown variable `ENGIN`")
        .stderr_has(".env:2:8: error: `SOLVER` must be one of");
}

#[test]
fn a_mistake_in_pyproject_toml_hides_no_other() {
    let repository = Repository::with_settings("ENGIN=docker\n")
        .file("python-project/pyproject.toml", "[project]\nname = 3\n")
        .dependencies("dependencies:\n\t- python\n");
    let ended = refused(&repository);
    ended.stderr_has("python-project/pyproject.toml:2:8: error: ").stderr_has("unknown variable `ENGIN`");
    ended.stderr_has("dependencies/environment.yml:2:1: error: a tab");
}
