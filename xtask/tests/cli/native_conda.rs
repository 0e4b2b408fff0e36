//! Packages that only conda has, without Docker: truly solved, installed, changed and run.

use crate::channel::{Channel, Server};
use crate::repository::Repository;
use crate::tree::tree_of;

pub fn asking(packages: &str) -> (Server, Repository) {
    let channel = Channel::made();
    let server = channel.serve();
    let repository = Repository::with_settings("ENGINE=native\n").conda_solver(&channel);
    // uv builds the project with hatchling; what these tests are about needs no such download.
    let text = repository.read("python-project/pyproject.toml");
    let backend = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\n";
    repository.write("python-project/pyproject.toml", &format!("{backend}{text}"));
    ask(&server, &repository, packages);
    (server, repository)
}

fn ask(server: &Server, repository: &Repository, packages: &str) {
    let (conda, pip) = packages.split_once(" pip: ").unwrap_or((packages, ""));
    let lines = |words: &str, indent: &str| words.split(' ').map(|it| format!("{indent}- {it}\n")).collect::<String>();
    let pip = if pip.is_empty() { String::new() } else { format!("  - pip:\n{}", lines(pip, "    ")) };
    let text = format!("channels: [\"{}\"]\ndependencies:\n{}{pip}", server.url("lab"), lines(conda, "  "));
    repository.write("dependencies/environment.yml", &text);
}

#[test]
fn what_was_solved_is_installed_and_runs() {
    let (_server, repository) = asking("python=3.11 numpy libdemo demotool pip: iniconfig");
    let ended = repository.xtask(["build"]);
    ended.exits(0).stdout("").stderr_has("xtask: building `.venv` with conda, because `numpy` comes from conda\n");
    ended.stderr_has("xtask: `.venv` is up to date\n");
    let script =
        "import sys, numpy, iniconfig, tiny_package; print(sys.prefix, numpy.__version__, tiny_package.ANSWER)";
    repository.xtask(["run", "--", "python", "-c", script]).exits(0).stdout("[ROOT]/.venv 2.1.3 42\n");
    repository.xtask(["run", "demotool"]).exits(0).stdout("demotool 2.0\n");
    repository.xtask(["build"]).exits(0).stderr("xtask: `.venv` is up to date\n");
}

#[test]
fn the_environment_is_activated_as_condas_with_what_its_packages_set() {
    let (_server, repository) = asking("python=3.11 libdemo");
    let repository = repository.variable("VIRTUAL_ENV", "/wrong");
    let script = "echo ${VIRTUAL_ENV-none} $CONDA_PREFIX $CONDA_DEFAULT_ENV $LIBDEMO_ROOT $LIBDEMO_VERSION";
    let expected = "none [ROOT]/.venv [ROOT]/.venv [ROOT]/.venv 1.3.0\n";
    repository.xtask(["run", "--", "sh", "-c", script]).exits(0).stdout(expected);
}

#[test]
fn what_was_frozen_is_built_again_and_is_the_same() {
    let (server, repository) = asking("python=3.11 steady=1.0 demotool pip: iniconfig");
    repository.xtask(["build"]).exits(0);
    ask(&server, &repository, "python=3.11 steady demotool pip: iniconfig");
    let asked = repository.read("dependencies/environment.yml");
    repository
        .xtask(["freeze"])
        .exits(0)
        .stderr_has("demotool -> demotool=1!2.0\n")
        .stderr_has("steady -> steady=1.0\n");
    repository.xtask(["freeze"]).exits(0).stderr_has("the files are up to date");
    repository.xtask(["freeze", "--check"]).exits(0);
    repository.xtask(["drift"]).exits(0);
    repository.xtask(["verify"]).exits(0).stderr_has(", 0 differ\n");
    let asked_for = server.requests().len();
    repository.xtask(["build", "--locked", "--force"]).exits(0).stderr_has("nothing is solved");
    let again = server.requests().split_off(asked_for);
    assert!(again.iter().all(|it| !it.contains("repodata")), "an index was asked: {again:?}");
    repository.xtask(["thaw"]).exits(0);
    assert_eq!(repository.read("dependencies/environment.yml"), asked);
}

#[test]
fn a_change_of_the_list_changes_the_environment_that_is_there() {
    let (server, repository) = asking("python=3.11 numpy steady pip: iniconfig");
    repository.xtask(["build"]).exits(0);
    repository.write(".venv/by-hand", "");
    ask(&server, &repository, "python=3.11 numpy demotool pip: tabulate");
    repository
        .xtask(["build"])
        .exits(0)
        .stderr_has("xtask: changing `.venv`: + tabulate, - iniconfig, conda's packages\n");
    let script = "import importlib.util as it, numpy, tabulate; print(it.find_spec('iniconfig'))";
    repository.xtask(["run", "--", "python", "-c", script]).exits(0).stdout("None\n");
    repository.xtask(["run", "demotool"]).exits(0).stdout("demotool 2.0\n");
    let list = repository.xtask(["list"]);
    assert!(!list.out().contains("steady"), "{}", list.out());
    assert!(repository.path(".venv/by-hand").exists());
    repository.xtask(["freeze"]).exits(0);
    repository.xtask(["verify"]).exits(0).stderr_has(", 0 differ\n");
}

#[test]
fn a_change_keeps_what_is_locked() {
    let (server, repository) = asking("python=3.11 steady=1.0");
    repository.xtask(["build"]).exits(0);
    repository.xtask(["freeze"]).exits(0);
    let frozen = repository.read("dependencies/environment.yml");
    repository.write("dependencies/environment.yml", &frozen.replace("# intent: steady=1.0", "# intent: steady"));
    repository.xtask(["thaw"]).exits(0);
    ask(&server, &repository, "python=3.11 steady conda-pluggy");
    repository.xtask(["build", "--locked"]).exits(1).stderr_has("conda-pluggy");
    repository.xtask(["build"]).exits(0);
    let list = repository.xtask(["list"]);
    list.exits(0).stdout_has("conda-pluggy");
    let steady = list.out().lines().find(|it| it.starts_with("steady ")).unwrap();
    assert!(steady.contains(" 1.0 "), "{steady}");
}

#[test]
fn a_build_that_cannot_be_solved_keeps_the_environment_that_is_there() {
    let (server, repository) = asking("python=3.11 libdemo");
    repository.xtask(["build"]).exits(0);
    let before = tree_of(&repository.path(".venv"));
    ask(&server, &repository, "python=3.11 nosuchpkg");
    repository.xtask(["build"]).exits(1).stderr_has("no channel has `nosuchpkg`");
    repository.xtask(["run", "true"]).exits(1).stderr_has("no channel has `nosuchpkg`");
    assert_eq!(tree_of(&repository.path(".venv")), before);
}

#[test]
fn a_package_with_another_digest_is_not_installed() {
    let (server, repository) = asking("python=3.11 steady=1.1");
    repository.xtask(["lock"]).exits(0);
    let lock = crate::installed::LOCK;
    let list = repository.read(&format!("{lock}/conda.lock"));
    assert!(list.contains("/lab/noarch/steady-1.1-"), "{list}");
    let wrong = repository.read("dependencies/environment.yml").replace("/lab\"", "/wrong/lab\"");
    std::fs::remove_dir_all(repository.path("dependencies/lock")).unwrap();
    repository.write("dependencies/environment.yml", &wrong);
    let ended = repository.xtask(["build"]);
    ended.exits(1).stderr_has("steady").stderr_has("conda's packages were not installed");
    assert!(!repository.path(".venv").exists());
    drop(server);
}

#[test]
fn packages_are_installed_by_hand_and_frozen() {
    let (_server, repository) = asking("python=3.11 steady=1.0");
    repository.xtask(["build"]).exits(0);
    let install = ["exec", "--", "conda", "install", "-y", "demotool", "steady"];
    repository.xtask(install).exits(0).stdout_has("demotool 1!2.0");
    repository.xtask(["exec", "--", "demotool"]).exits(0).stdout("demotool 2.0\n");
    repository.xtask(["exec", "--", "conda", "list"]).exits(0).stdout_has("steady");
    let ended = repository.xtask(["exec", "--", "conda", "create"]);
    ended.stderr_has("cargo xtask build");
    repository.xtask(["freeze"]).exits(0).stderr_has("+ demotool=1!2.0");
    repository.xtask(["exec", "--", "conda", "remove", "-y", "demotool"]).exits(0);
    repository.xtask(["drift"]).exits(1).stderr_has("demotool");
}

#[test]
fn a_post_link_script_runs_only_where_the_project_allows_it() {
    let (_server, repository) = asking("python=3.11 postlinker");
    let made = ".venv/share/postlinker.txt";
    repository.xtask(["build"]).exits(0).stderr_has("the post-link script of `postlinker` was not run");
    assert!(!repository.path(made).exists());
    let pyproject = repository.read("python-project/pyproject.toml");
    let allowed = format!("{pyproject}\n[tool.xtask]\nlink-scripts = [\"postlinker\"]\n");
    repository.write("python-project/pyproject.toml", &allowed);
    repository.xtask(["build", "--force"]).exits(0);
    assert!(repository.read(made).contains(".venv"), "{}", repository.read(made));
}

#[test]
fn an_edit_of_any_file_of_condas_is_found_with_its_package() {
    let (_server, repository) = asking("python=3.11 libdemo");
    repository.xtask(["build"]).exits(0);
    repository.xtask(["freeze"]).exits(0);
    for file in ["lib/libdemo.bin", "etc/conda/activate.d/libdemo.sh", "lib/python3.11/textwrap.py"] {
        let path = repository.path(".venv").join(file);
        std::io::Write::write_all(&mut std::fs::OpenOptions::new().append(true).open(path).unwrap(), b"#\n").unwrap();
    }
    let ended = repository.xtask(["verify"]);
    ended.exits(1).stderr_has(", 3 differ\n");
    ended.stderr_has("`.venv`: libdemo: `lib/libdemo.bin` differs\n");
    ended.stderr_has("`.venv`: libdemo: `etc/conda/activate.d/libdemo.sh` differs\n");
    ended.stderr_has("`.venv`: python: `lib/python3.11/textwrap.py` ");
}

#[test]
fn names_that_differ_in_a_hyphen_are_two_packages_all_the_way() {
    let twins = "typing-extensions=4.12.2=hd8ed1ab_0 typing_extensions=4.12.2=pyha770c72_0";
    let (_server, repository) = asking(&format!("python=3.11 {twins}"));
    repository.xtask(["check"]).exits(0);
    repository.xtask(["build"]).exits(0);
    repository.xtask(["freeze", "--full"]).exits(0);
    repository.xtask(["drift"]).exits(0);
    let frozen = repository.read("dependencies/environment.yml");
    assert!(twins.split(' ').all(|it| frozen.matches(&format!("- {it}\n")).count() == 1), "{frozen}");
    repository.xtask(["build", "--locked", "--force"]).exits(0);
}

#[test]
fn what_is_frozen_of_an_environment_that_is_older_than_the_file_can_be_had() {
    let (server, repository) = asking("python=3.11 numpy=*=*openblas*");
    repository.xtask(["build"]).exits(0);
    ask(&server, &repository, "python=3.11 numpy=*=*mkl*");
    repository
        .xtask(["drift"])
        .exits(1)
        .stderr_has("error[E0806]: `numpy=*=*mkl*` required, py311_openblas_1 installed");
    repository.xtask(["freeze"]).exits(0).stderr_has("numpy=*=*mkl* -> numpy=2.1.3=py311_openblas_1\n");
    repository.xtask(["drift"]).exits(0);
    repository.xtask(["build", "--locked", "--force"]).exits(0);
    repository.xtask(["thaw"]).exits(0);
    repository.xtask(["build"]).exits(0).stderr_has("changing `.venv`: conda's packages");
    repository.xtask(["list", "--conda"]).exits(0).stdout_has("py311_mkl_0");
}
