//! Packages that only conda has, without Docker.

use crate::repository::Repository;
use crate::stand_in::{Call, argv};
use crate::tree::tree_of;

const WITH_MKL: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n  - mkl\n  - pip:\n    - tqdm\n";

const NO_MICROMAMBA: &str = "error: environment.yml has conda packages, and `micromamba` is not in PATH; https://mamba.readthedocs.io shows how \
     to install it, or use Docker, which brings its own\n";

fn native() -> Repository {
    Repository::with_settings("ENGINE=native\n")
}

#[test]
fn micromamba_makes_the_environment_and_uv_adds_to_it() {
    let repository = native().dependencies(WITH_MKL).stand_in("micromamba");
    let says = "xtask: building `.venv` with conda, because `mkl` comes from conda\n\
                xtask: `.venv` is up to date\n";
    repository.xtask(["build"]).exits(0).stdout("").stderr(says);
    let create = "create --yes --prefix [ROOT]/.venv --file [ROOT]/target/xtask/native/conda.yml";
    assert_eq!(repository.calls("micromamba"), [argv(create)]);
    let install = "pip install --quiet --python [ROOT]/.venv/bin/python";
    let expected = [
        format!("{install} --requirements [ROOT]/target/xtask/native/requirements.txt"),
        format!("{install} --no-deps --editable ./python-project"),
    ];
    assert_eq!(repository.calls("uv"), expected.map(|it| argv(&it)));
    let file = repository.read("target/xtask/native/conda.yml");
    assert_eq!(file, "channels:\n- conda-forge\ndependencies:\n- mkl\n- python=3.12\n");
}

#[test]
fn the_environment_is_activated_as_condas() {
    let repository = native().dependencies(WITH_MKL).stand_in("micromamba").variable("VIRTUAL_ENV", "/wrong");
    let script = "echo ${VIRTUAL_ENV-none} $CONDA_PREFIX $CONDA_DEFAULT_ENV; python";
    let expected = "none [ROOT]/.venv [ROOT]/.venv\npython of [ROOT]/.venv\n";
    repository.xtask(["run", "--", "sh", "-c", script]).exits(0).stdout(expected);
}

#[test]
fn without_micromamba_it_says_how_to_get_it() {
    let repository = native().dependencies(WITH_MKL);
    repository.xtask(["build"]).exits(1).stdout("").stderr(NO_MICROMAMBA);
    repository.xtask(["run", "true"]).exits(125).stdout("").stderr(NO_MICROMAMBA);
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn without_micromamba_the_environment_that_is_there_is_kept() {
    let repository = native();
    repository.xtask(["build"]).exits(0);
    let before = tree_of(&repository.path(".venv"));
    repository.write("dependencies/environment.yml", WITH_MKL);
    repository.xtask(["build"]).exits(1).stderr(NO_MICROMAMBA);
    assert_eq!(tree_of(&repository.path(".venv")), before);
}
