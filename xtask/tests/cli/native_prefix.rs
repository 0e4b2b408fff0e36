//! The native environment: how it is made, how it is changed, and when it is made anew.

use std::fs;

use crate::repository::{ENVIRONMENT, PYPROJECT, Repository};
use crate::stand_in::{Call, argv, is_query};
use crate::tree::tree_of;

const INSTALL_PROJECT: &str =
    "pip install --quiet --python [ROOT]/.venv/bin/python --no-deps --editable ./python-project";
const INSTALL_PACKAGES: &str =
    "pip install --quiet --python [ROOT]/.venv/bin/python --requirements [ROOT]/target/xtask/native/pylock.toml";

fn fresh() -> Repository {
    Repository::with_settings("ENGINE=native\n").note("solves")
}

fn made_anew() -> [Call; 3] {
    ["venv --quiet --no-project --allow-existing --python ==3.11.2 [ROOT]/.venv", INSTALL_PACKAGES, INSTALL_PROJECT]
        .map(argv)
}

/// The calls of uv that install.
fn installations(repository: &Repository) -> Vec<Call> {
    repository.calls("uv").into_iter().filter(|it| !is_query(it)).collect()
}

/// Those for one more build.
fn built(repository: &Repository) -> Vec<Call> {
    repository.stand_ins.forget();
    repository.xtask(["build"]).exits(0).stdout("");
    installations(repository)
}

/// What uv was asked to solve.
fn asked(repository: &Repository) -> String {
    let own = repository.path("target/xtask/solve").read_dir().unwrap().next().unwrap().unwrap();
    fs::read_to_string(own.path().join("pip/requirements.txt")).unwrap()
}

#[test]
fn uv_makes_it_installs_the_packages_and_then_the_project() {
    let repository = fresh();
    let says = "xtask: building `.venv` with uv, because no package needs conda\n\
                xtask: `.venv` is up to date\n";
    repository.xtask(["build"]).exits(0).stdout("").stderr(says);
    assert_eq!(installations(&repository), made_anew());
    assert_eq!(asked(&repository), "tqdm\n");
}

#[test]
fn a_path_with_blanks_and_other_letters_is_no_obstacle() {
    let repository = Repository::named("mon dépôt, été").variable("ENGINE", "native");
    assert_eq!(built(&repository), made_anew());
}

#[test]
fn a_second_build_starts_nothing() {
    let repository = fresh();
    built(&repository);
    let before = repository.tree();
    repository.stand_ins.forget();
    repository.xtask(["build"]).exits(0).stdout("").stderr("xtask: `.venv` is up to date\n");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
    assert_eq!(repository.tree(), before);
}

#[test]
fn a_comment_or_another_order_changes_nothing() {
    let repository = fresh();
    built(&repository);
    repository.write("dependencies/environment.yml", &format!("# why\n{ENVIRONMENT}    # tqdm shows progress\n"));
    assert_eq!(built(&repository), Vec::<Call>::new());
}

#[test]
fn a_change_of_the_list_changes_only_those_packages() {
    let repository = fresh();
    repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - rich\n"));
    built(&repository);
    repository.write(".venv/by-hand", "");
    repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - numpy\n"));
    repository.stand_ins.forget();
    let says = "xtask: changing `.venv`: + numpy, - rich\nxtask: `.venv` is up to date\n";
    repository.xtask(["build"]).exits(0).stdout("").stderr(says);
    let uninstall = argv("pip uninstall --quiet --python [ROOT]/.venv/bin/python rich");
    assert_eq!(installations(&repository), [uninstall, argv(INSTALL_PACKAGES), argv(INSTALL_PROJECT)]);
    assert_eq!(asked(&repository), "numpy\ntqdm\n");
    assert!(repository.path(".venv/by-hand").exists());
    assert_eq!(built(&repository), Vec::<Call>::new());
}

#[test]
fn another_file_of_the_same_version_is_installed_again() {
    let repository = fresh();
    built(&repository);
    let path = repository.temp("state/solves");
    fs::remove_file(path).unwrap();
    let files = "wheels = [{ url = 'https://e.org/tqdm-1.0-1-py3-none-any.whl', hashes = { sha256 = '01' } }]";
    let list = format!("lock-version = '1.0'\n[[packages]]\nname = 'tqdm'\nversion = '1.0'\n{files}\n");
    repository.stand_ins.note("pylock", &list);
    repository.xtask(["lock"]).exits(0);
    let uninstall = "pip uninstall --quiet --python [ROOT]/.venv/bin/python tqdm";
    assert_eq!(built(&repository), [uninstall, INSTALL_PACKAGES, INSTALL_PROJECT].map(argv));
}

#[test]
fn words_that_ask_for_the_same_packages_install_nothing() {
    let repository = fresh();
    built(&repository);
    repository.write("dependencies/environment.yml", &ENVIRONMENT.replace("tqdm", "tqdm>=1.0"));
    assert_eq!(built(&repository), Vec::<Call>::new());
    assert_eq!(asked(&repository), "tqdm>=1.0\n");
    repository.write("dependencies/environment.yml", &ENVIRONMENT.replace("tqdm", "tqdm>=0.9"));
    repository.write("python-project/pyproject.toml", &PYPROJECT.replace("0.1.0", "0.2.0"));
    assert_eq!(built(&repository), [argv(INSTALL_PROJECT)]);
}

#[test]
fn pre_in_the_list_lets_uv_choose_versions_that_are_not_final() {
    let repository = fresh();
    repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - --pre\n"));
    built(&repository);
    let calls = repository.calls("uv");
    let compile = calls.iter().find(|it| it.get(1).is_some_and(|it| it == "compile")).unwrap();
    assert!(compile.windows(2).any(|it| it == ["--prerelease", "allow"]), "{compile:?}");
    assert_eq!(asked(&repository), "tqdm\n");
}

#[test]
fn another_python_makes_it_anew() {
    let repository = fresh();
    built(&repository);
    repository.write(".venv/of-the-old-one", "");
    repository.stand_ins.note("python-found", "3.12.1\n");
    repository.write("dependencies/environment.yml", &ENVIRONMENT.replace("python>=3.11", "python>=3.12"));
    let [venv, ..] = &built(&repository)[..] else { panic!("nothing was built") };
    assert_eq!(venv, &argv("venv --quiet --no-project --allow-existing --python ==3.12.1 [ROOT]/.venv"));
    assert!(!repository.path(".venv/of-the-old-one").exists());
}

#[test]
fn what_was_installed_by_hand_is_not_lost_without_a_word() {
    let repository = fresh();
    built(&repository);
    let packages = ".venv/lib/python3.11/site-packages";
    for (folder, installer) in
        [("Rich-1.0", "pip\n"), ("tqdm-1.0", "uv"), ("tiny_project-0.1.0", "uv"), ("of_conda-1", "conda")]
    {
        repository.write(&format!("{packages}/{folder}.dist-info/INSTALLER"), installer);
    }
    let before = tree_of(&repository.path(".venv"));
    // A change of the list loses nothing.
    repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - numpy\n"));
    repository.xtask(["build"]).exits(0);
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    repository.xtask(["build"]).exits(0);

    repository.stand_ins.note("python-found", "3.12.1\n");
    repository.write("dependencies/environment.yml", &ENVIRONMENT.replace("python>=3.11", "python>=3.12"));
    let error = "error: `.venv` has to be made anew, and what you have installed in it by hand would be lost: rich (fix: list it in \
                 environment.yml, or go on without it with `cargo xtask build --force`)\n";
    repository.xtask(["build"]).exits(1).stderr_has(error);
    repository.xtask(["run", "python"]).exits(125).stderr_has(error);
    assert_eq!(tree_of(&repository.path(".venv")).len(), before.len());
    repository.xtask(["build", "--force"]).exits(0);
    assert!(!repository.path(packages).exists());
}

#[test]
fn force_makes_it_anew() {
    let repository = fresh();
    built(&repository);
    repository.stand_ins.forget();
    repository.xtask(["build", "--force"]).exits(0);
    assert_eq!(installations(&repository), made_anew());
}

#[test]
fn a_change_of_pyproject_toml_installs_only_the_project_again() {
    let repository = fresh();
    built(&repository);
    repository.write("python-project/pyproject.toml", &PYPROJECT.replace("0.1.0", "0.2.0"));
    let says = "xtask: installing the project into `.venv` again\nxtask: `.venv` is up to date\n";
    repository.stand_ins.forget();
    repository.xtask(["build"]).exits(0).stdout("").stderr(says);
    assert_eq!(repository.calls("uv"), [argv(INSTALL_PROJECT)]);
    assert_eq!(built(&repository), Vec::<Call>::new());
}

#[test]
fn one_that_cannot_be_made_leaves_nothing_behind() {
    let repository = fresh().note("pip-fails-once");
    let ended = repository.xtask(["build"]);
    ended.exits(1).stdout("").stderr_has("error: the stand-in was told to fail\n");
    ended.stderr_has("error: `.venv` was not built: `[TEMP]/bin/uv` failed with exit code 2\n");
    assert!(!repository.path(".venv").exists());
    assert_eq!(built(&repository), made_anew());
    assert_eq!(built(&repository), Vec::<Call>::new());
}

#[test]
fn one_that_cannot_be_changed_is_kept_as_it_was() {
    let repository = fresh();
    built(&repository);
    let before = tree_of(&repository.path(".venv"));
    let repository = repository.note("pip-fails-once").dependencies("dependencies: [python, pip: [numpy]]\n");
    repository.xtask(["build"]).exits(1).stderr_has(
        "error: `.venv` was not changed (where it is damaged, `cargo xtask build --force` makes it anew): ",
    );
    assert_eq!(tree_of(&repository.path(".venv")), before);
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    assert_eq!(built(&repository), Vec::<Call>::new(), "it is what was asked for before");
}

#[test]
fn one_that_a_killed_build_left_half_made_is_made_anew() {
    let repository = fresh().note("pip-is-killed-once");
    repository.xtask(["build"]).exits(137);
    assert!(repository.path(".venv/bin/python").exists(), "half of it is there");
    assert_eq!(built(&repository), made_anew());
    assert_eq!(built(&repository), Vec::<Call>::new());
}

#[test]
fn the_old_one_outlives_a_killed_build_and_one_that_fails() {
    let repository = fresh();
    built(&repository);
    let before = tree_of(&repository.path(".venv"));
    let repository = repository.note("pip-is-killed-once").dependencies("dependencies: [python, pip: [numpy]]\n");
    repository.xtask(["build"]).exits(137);
    repository.stand_ins.note("pip-fails-once", "");
    repository.xtask(["build"]).exits(1);
    assert_eq!(tree_of(&repository.path(".venv")), before);
}

#[test]
fn one_that_was_moved_or_copied_with_its_repository_is_made_anew() {
    let first = fresh();
    built(&first);
    let second = fresh();
    // The state that makes the first one up to date is in it.
    let copied = std::process::Command::new("cp").arg("-a").arg(first.path(".venv")).arg(second.path(".venv")).status();
    assert!(copied.unwrap().success());
    assert_eq!(built(&second), made_anew());
    assert_eq!(built(&second), Vec::<Call>::new());
    assert_eq!(built(&first), Vec::<Call>::new());
}

#[test]
fn one_whose_python_has_gone_is_made_anew() {
    let repository = fresh();
    built(&repository);
    fs::remove_file(repository.path(".venv/bin/python")).unwrap();
    std::os::unix::fs::symlink("/gone/python3", repository.path(".venv/bin/python")).unwrap();
    repository.xtask(["run", "python"]).exits(0).stdout("python of [ROOT]/.venv\n");
}

#[test]
fn ctrl_c_stops_the_build_and_puts_the_old_one_back() {
    let repository = fresh();
    built(&repository);
    let before = tree_of(&repository.path(".venv"));
    let repository = repository.note("pip-gets-ctrl-c").dependencies("dependencies: [python, pip: [numpy]]\n");
    repository.xtask(["build"]).exits(130).stderr_has("error: `.venv` was not built: interrupted");
    assert_eq!(tree_of(&repository.path(".venv")), before);
}

#[test]
fn a_run_that_cannot_make_it_gives_125() {
    let repository = fresh().note("pip-fails-once");
    repository.xtask(["run", "python"]).exits(125).stdout("").stderr_has("error: `.venv` was not built");
    repository.xtask(["run", "python"]).exits(0).stdout("python of [ROOT]/.venv\n");
}

#[test]
fn somebody_elses_is_refused_and_left_alone() {
    let repository = fresh().file(".venv/bin/python", "mine").file(".venv/pyvenv.cfg", "home = /usr/bin\n");
    let before = tree_of(&repository.path(".venv"));
    let expected = "error: `[ROOT]/.venv` was not made by `cargo xtask`; move it away or remove it, and try again\n";
    repository.xtask(["build"]).exits(1).stdout("").stderr(expected);
    repository.xtask(["run", "true"]).exits(125).stdout("").stderr(expected);
    assert_eq!(tree_of(&repository.path(".venv")), before);
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn one_that_a_person_made_after_a_killed_build_is_left_alone() {
    let repository = fresh().note("pip-is-killed-once");
    repository.xtask(["build"]).exits(137);
    fs::remove_dir_all(repository.path(".venv")).unwrap();
    repository.write(".venv/pyvenv.cfg", "home = /usr/bin\n");
    repository.xtask(["build"]).exits(1).stderr_has("was not made by `cargo xtask`");
    assert_eq!(repository.read(".venv/pyvenv.cfg"), "home = /usr/bin\n");
}

#[test]
fn run_uses_what_is_there_where_that_is_wanted() {
    let repository = fresh();
    built(&repository);
    repository.write("dependencies/environment.yml", &format!("{ENVIRONMENT}    - numpy\n"));
    repository.stand_ins.forget();
    let says = "xtask: warning: `.venv` is out of date: `cargo xtask build`\n";
    repository.xtask(["run", "--no-sync", "python"]).exits(0).stdout("python of [ROOT]/.venv\n").stderr(says);
    assert_eq!(installations(&repository), Vec::<Call>::new());
    let repository = repository.variable("RUN_SYNC", "false");
    repository.xtask(["run", "python"]).exits(0).stderr(says);
    repository.xtask(["run", "--sync", "python"]).exits(0).stderr("xtask: changing `.venv`: + numpy\n");
    fresh().xtask(["run", "--no-sync", "python"]).exits(0).stderr_has("building `.venv`");
}
