//! Settings that cannot be meant so: their file and place, exit code 1, nothing started, nothing changed.

use crate::repository::{ENV_FILE, Repository};

/// The errors in a repository, in the short form. All that would use its inputs stop at them and change nothing.
#[track_caller]
pub fn refused(repository: &Repository) -> String {
    let before = repository.tree();
    for arguments in [["run", "true"], ["up", "--gpu"], ["push", "all"], ["build", "--dry-run"]] {
        repository.xtask(arguments).exits(1).stdout("");
    }
    let shown = repository.xtask(["build"]);
    shown.exits(1).stdout("");
    let check = repository.xtask(["check", "--format", "short"]);
    check.exits(1);
    assert!(repository.docker_changes().is_empty(), "nothing was started: {:?}", repository.docker_changes());
    assert!(repository.calls("uv").is_empty(), "nothing was started: {:?}", repository.calls("uv"));
    assert_eq!(repository.tree(), before, "nothing was changed");

    let errors = errors(check.out());
    for error in errors.lines().filter_map(|it| it.split_once(": error[")).map(|(_, it)| it.split_once("]: ").unwrap())
    {
        shown.stderr_has(&format!("error[{}]: {}", error.0, error.1));
    }
    errors
}

/// The errors among findings in the short form, without warnings and notes.
fn errors(findings: &str) -> String {
    let mut is_error = false;
    let is_of_error = |line: &&str| {
        if !line.starts_with(' ') {
            is_error = line.contains(": error[");
        }
        is_error
    };
    findings.lines().filter(is_of_error).map(|it| format!("{it}\n")).collect()
}

/// Expects this somewhere in a text.
#[track_caller]
pub fn has(text: &str, part: &str) {
    assert!(text.contains(part), "--- expected\n{part}\n--- within\n{text}");
}

#[test]
fn an_unknown_variable_comes_with_the_known_one() {
    let expected = "installation/docker-amd64/.env:2:1: error[E0504]: unknown variable `ENGIN`\n    \
                    help: did you mean `ENGINE`?\n";
    assert_eq!(refused(&Repository::with_settings("# mine\nENGIN=docker\n")), expected);
}

#[test]
fn a_variable_like_no_other_says_where_the_known_ones_are() {
    let expected = "installation/docker-amd64/.env:1:1: error[E0504]: unknown variable `ZZZ`\n    \
                    help: write `ENV_ZZZ=…` to have `ZZZ` set in containers and commands; `cargo xtask env --show` lists the settings\n";
    assert_eq!(refused(&Repository::with_settings("ZZZ=1\n")), expected);
}

#[test]
fn wrong_values_are_all_named_at_once() {
    let lines = "USRID=me\nENGINE=lxc\nCPU_OR_GPU='tpu'\nSOLVER=pip\nIMAGE_NAME=Me/Project\n\
                 DATA_DIR=data\nREGISTRY_HOSTNAME=https://x\nBASE_IMAGE=a:b:c\nPROJECT_NAME=other\n\
                 CA_CERTIFICATES=/none.pem\nLOCAL_DATA_DIR=''\n";
    let found = refused(&Repository::with_settings(lines));
    for (place, message) in [
        ("1:7", "`USRID` must be a number from 0 to 4294967295, not `me`"),
        ("2:8", "`ENGINE` must be one of `auto`, `docker`, `podman`, `native`, not `lxc`"),
        ("3:12", "`CPU_OR_GPU` must be one of `cpu`, `gpu`, `rocm`, not `tpu`"),
        ("4:8", "`SOLVER` must be one of `auto`, `conda`, `uv`, not `pip`"),
        ("5:12", "`IMAGE_NAME` must be lower-case letters and digits"),
        ("6:10", "`DATA_DIR` must be an absolute path inside the container"),
        ("7:19", "`REGISTRY_HOSTNAME` must be a host name with an optional port"),
        ("8:12", "`BASE_IMAGE` "),
        ("9:14", "`PROJECT_NAME` is `other`, but python-project/pyproject.toml names it `tiny-project`"),
        ("10:17", "`CA_CERTIFICATES` names a file that does not exist: `/none.pem`"),
        ("11:16", "`LOCAL_DATA_DIR` must not be empty"),
    ] {
        has(&found, &format!("{ENV_FILE}:{place}: error[E05"));
        has(&found, &format!("]: {message}"));
    }
}

#[test]
fn a_wrong_value_in_the_shell_says_that_it_is_there() {
    let expected = "installation/docker-amd64/.env: error[E0505]: `ENGINE`, set in your shell, must be one of `auto`, \
                    `docker`, `podman`, `native`, not `lxc`\n    help: `unset ENGINE` or set it to something else\n";
    assert_eq!(refused(&Repository::with_settings("").variable("ENGINE", "lxc")), expected);
}

#[test]
fn a_malformed_line_comes_with_the_right_spelling() {
    for (line, place, help) in [
        ("ENGINE docker", "2:7", "write `ENGINE=value`"),
        ("USR=J Doe", "2:7", "write `USR='J Doe'`"),
        ("USR=\"J Doe", "2:5", "write `USR="),
        ("USR=$(id -un)", "2:5", "write what the command prints"),
        ("USRID=7\r", "2:8", "Unix line endings"),
    ] {
        let found = refused(&Repository::with_settings(&format!("# mine\n{line}\n")));
        has(&found, &format!("{ENV_FILE}:{place}: error[E050"));
        has(&found, help);
    }
}

#[test]
fn a_variable_set_twice_names_both_lines() {
    let expected = "installation/docker-amd64/.env:3:1: error[E0503]: `ENGINE` is set twice, first in line 1\n    \
                    help: keep one of the two lines\n";
    assert_eq!(refused(&Repository::with_settings("ENGINE=docker\n\nENGINE=native\n")), expected);
}

#[test]
fn a_mistake_in_pyproject_toml_has_its_place() {
    let repository = Repository::fresh().file("python-project/pyproject.toml", "[project]\nname = 3\n");
    has(&refused(&repository), "python-project/pyproject.toml:2:8: error[E0602]: ");
}

#[test]
fn different_kinds_of_mistakes_in_one_file_are_shown_at_once() {
    let found = refused(&Repository::with_settings("ENGIN=docker\nSOLVER=pip\n"));
    has(&found, ".env:1:1: error[E0504]: unknown variable `ENGIN`");
    has(&found, ".env:2:8: error[E0505]: `SOLVER` must be one of");
}

#[test]
fn a_mistake_in_pyproject_toml_hides_no_other() {
    let repository = Repository::with_settings("ENGIN=docker\n")
        .file("python-project/pyproject.toml", "[project]\nname = 3\n")
        .dependencies("dependencies:\n\t- python\n");
    let found = refused(&repository);
    has(&found, "python-project/pyproject.toml:2:8: error[E0602]: ");
    has(&found, "unknown variable `ENGIN`");
    has(&found, "dependencies/environment.yml:2:1: error[E0202]: a tab");
}
