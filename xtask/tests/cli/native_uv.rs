//! Where uv comes from.

use crate::repository::{ENVIRONMENT, Repository};
use crate::stand_in::{Call, argv, is_query};

/// A repository on a machine without uv, but with a Python.
fn without_uv() -> Repository {
    Repository::with_settings("ENGINE=native\n").note("solves").without("uv").stand_in("python3")
}

#[test]
fn it_is_installed_from_pypi_where_there_is_none_and_only_once() {
    let repository = without_uv();
    repository.xtask(["build"]).exits(0).stdout("");
    let [install] = &repository.calls("python3")[..] else { panic!("one installation") };
    let line = install.join(" ");
    let start = "-m pip install --quiet --disable-pip-version-check --no-deps --target [ROOT]/target/xtask/uv-begun ";
    let end = "--only-binary :all: --require-hashes --requirement [ROOT]/target/xtask/uv.txt";
    assert!(line.starts_with(start) && line.ends_with(end), "{line}");
    assert_eq!(repository.calls("uv").iter().filter(|it| !is_query(it)).count(), 3);

    repository.stand_ins.forget();
    repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - numpy\n"));
    repository.xtask(["build"]).exits(0).stdout("");
    assert_eq!(repository.calls("python3"), Vec::<Call>::new());
    assert_eq!(repository.calls("uv").iter().filter(|it| !is_query(it)).count(), 2);
}

#[test]
fn without_it_and_without_network_it_says_how_to_get_it() {
    let ended = without_uv().note("no-network").xtask(["build"]);
    ended.exits(1).stdout("").stderr_has("ERROR: No matching distribution found for uv\n");
    ended.stderr_has("`uv` is not in PATH and could not be installed from PyPI; https://docs.astral.sh/uv shows");
}

#[test]
fn one_of_path_is_used_as_it_is() {
    let repository = Repository::with_settings("ENGINE=native\n").stand_in("python3");
    repository.xtask(["build"]).exits(0);
    assert_eq!(repository.calls("python3"), Vec::<Call>::new());
}

#[test]
fn a_python_that_the_machine_has_not_got_is_installed_for_its_environment_and_for_no_lock() {
    let repository = Repository::with_settings("ENGINE=native\n").note("no-python");
    repository.xtask(["lock"]).exits(1).stderr_has("uv finds none here");
    repository.xtask(["build"]).exits(0);
    assert!(repository.calls("uv").contains(&argv("python install >=3.11")));
}

#[test]
fn commands_find_the_one_that_was_installed_for_them() {
    let repository = without_uv();
    repository.xtask(["build"]).exits(0);
    let path = repository.xtask(["exec", "--", "sh", "-c", "echo $PATH"]);
    path.exits(0).stdout_has("[ROOT]/.venv/bin:[ROOT]/target/xtask/uv-0.13.9/bin:");
}

#[test]
fn a_python_that_nobody_has_is_told_with_its_line() {
    let repository = Repository::with_settings("ENGINE=native\n").note("no-python").note("python-install-fails");
    let ended = repository.xtask(["build"]);
    ended.exits(1).stderr_has("no Python >=3.11 is on this machine (dependencies/environment.yml:");
    ended.stderr_has(
        "and uv cannot download one: the stand-in has no network; install it, or ask for a version that is here",
    );
}
