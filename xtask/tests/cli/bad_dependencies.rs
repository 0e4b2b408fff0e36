//! `dependencies/` that cannot be meant so: file, line and column, exit code 1, nothing started, nothing changed.

use crate::bad_settings::{has, refused};
use crate::repository::Repository;

fn asking_for(environment: &str) -> Repository {
    Repository::fresh().dependencies(environment)
}

#[test]
fn malformed_yaml_has_its_place() {
    let found = refused(&asking_for("dependencies:\n  - python\n  - 'pip\n"));
    has(&found, "dependencies/environment.yml:3:5: error[E0201]: not YAML: ");
}

#[test]
fn a_tab_has_its_place() {
    let expected = "dependencies/environment.yml:2:1: error[E0202]: a tab in the indentation\n    \
                    help: YAML indents with spaces only\n";
    assert_eq!(refused(&asking_for("dependencies:\n\t- python\n")), expected);
}

#[test]
fn a_package_asked_for_twice_names_both_places() {
    let expected = "dependencies/environment.yml:5:7: warning[W0337]: `tqdm` is listed twice, first in line 4\n    \
                    help: pip and uv apply both; one line can say the same, as in `numpy>=1.26,<2`\n";
    let repository = asking_for("dependencies:\n  - python=3.12\n  - pip:\n    - tqdm\n    - TQDM>=4\n");
    let ended = repository.xtask(["check", "--format", "short"]);
    ended.exits(0);
    assert!(ended.out().ends_with(expected), "{}", ended.out());
}

#[test]
fn an_unknown_key_comes_with_the_known_one() {
    let expected = "dependencies/environment.yml:1:1: error[E0301]: unknown key `dependancies`\n    \
                    help: did you mean `dependencies`?\n";
    has(&refused(&asking_for("dependancies:\n  - python\n")), expected);
}

#[test]
fn condas_spelling_below_pip_comes_with_pips() {
    let expected = "dependencies/environment.yml:4:12: error[E0314]: pip does not know conda's single `=`\n    \
                    help: write `torch==2.1`\n";
    assert_eq!(refused(&asking_for("dependencies:\n  - python\n  - pip:\n    - torch=2.1\n")), expected);
}

#[test]
fn an_order_to_the_shell_is_no_package() {
    let found = refused(&asking_for("dependencies:\n  - python\n  - $(touch hacked)\n  - pip:\n    - '`id`'\n"));
    has(&found, "dependencies/environment.yml:3:5: error[E0306]: `$(touch hacked)` ");
    has(&found, "dependencies/environment.yml:5:8: error[E0324]");
}

#[test]
fn what_is_no_system_package_has_its_place() {
    let repository = Repository::fresh().file("dependencies/apt-dev.txt", "vim\n  -oDebug=1 # x\n");
    let expected = "dependencies/apt-dev.txt:2:3: error[E0402]: `-oDebug=1` is an option, not a package\n    \
                    help: remove it: only packages are listed here; options of apt-get are the build's business\n";
    assert_eq!(refused(&repository), expected);
}

#[test]
fn several_mistakes_in_several_files_are_shown_at_once() {
    let repository = Repository::with_settings("ENGINE=lxc\nSOLVER=pip\n")
        .dependencies("chanels: []\ndependencies:\n  - python\n")
        .file("dependencies/apt-build.txt", "Git\n")
        .file("dependencies/apt-runtime.txt", "vim\nvim\n");
    let expected = "\
dependencies/apt-build.txt:1:1: error[E0401]: `Git` is not a Debian or Ubuntu package
    help: names are lower-case: `git`
dependencies/apt-runtime.txt:2:1: error[E0403]: `vim` is listed twice, first in line 1
    help: keep one of the two
dependencies/environment.yml:1:1: error[E0301]: unknown key `chanels`
    help: did you mean `channels`?
installation/docker-amd64/.env:1:8: error[E0505]: `ENGINE` must be one of `auto`, `docker`, `podman`, `native`, not `lxc`
installation/docker-amd64/.env:2:8: error[E0505]: `SOLVER` must be one of `auto`, `conda`, `uv`, not `pip`
";
    assert_eq!(refused(&repository), expected);
}

#[test]
fn a_package_of_condas_contradicts_a_solver_that_has_none() {
    let repository = Repository::with_settings("SOLVER=uv\n").dependencies("dependencies:\n  - python\n  - mkl=2024\n");
    let expected = "dependencies/environment.yml:3:5: error[E0329]: `mkl` needs conda, but SOLVER=uv\n    \
                    help: move it below `- pip:`, or set SOLVER=auto in installation/docker-amd64/.env\n";
    assert_eq!(refused(&repository), expected);
}

#[test]
fn a_missing_environment_yml_is_named() {
    let repository = Repository::fresh();
    std::fs::remove_file(repository.path("dependencies/environment.yml")).unwrap();
    let ended = repository.xtask(["build"]);
    ended.exits(1).stdout("").stderr_has("error[E0101]: the file does not exist\n--> dependencies/environment.yml");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn what_this_repository_asks_for_itself_is_accepted() {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut repository = Repository::fresh();
    for file in ["environment.yml", "apt-build.txt", "apt-runtime.txt", "apt-dev.txt"] {
        let path = format!("dependencies/{file}");
        repository = repository.file(&path, &std::fs::read_to_string(format!("{ours}/{path}")).unwrap());
    }
    repository.xtask(["build", "all", "--dry-run"]).exits(0).stdout_has("docker buildx bake");
}
