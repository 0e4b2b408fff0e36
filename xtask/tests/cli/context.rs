//! The generated build context: what the build gets to see.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::installed::asked_of_uv;
use crate::repository::{PYPROJECT, Repository};
use crate::tree::{Tree, tree_of};

const CONTEXT: &str = "target/xtask/context";

fn built(repository: Repository) -> Repository {
    repository.xtask(["build", "--force"]).exits(0);
    repository
}

fn context(repository: &Repository) -> Tree {
    tree_of(&repository.path(CONTEXT))
}

fn text(repository: &Repository, name: &str) -> String {
    repository.read(&format!("{CONTEXT}/{name}"))
}

#[test]
fn the_lists_are_normalised() {
    let repository = built(
        Repository::with_settings("")
            .dependencies("dependencies:\n  - python=3.12 # why\n  - pip>=23\n  - pip:\n    - tqdm\n    - numpy>=2\n")
            .file("dependencies/apt-dev.txt", "# tools\nvim # editor\n\ncurl\n"),
    );
    assert_eq!(text(&repository, "apt-dev.txt"), "curl\nvim\n");
    assert_eq!(text(&repository, "apt-build.txt"), "git\n");
    assert_eq!(text(&repository, "apt-runtime.txt"), "ca-certificates\n");
    // Of Python's packages, it has those that were solved.
    assert!(!context(&repository).contains_key(std::path::Path::new("layers/built/requirements.txt")));
    // Which Python the image will have, a step of a build was asked; then uv has solved here.
    assert_eq!(repository.read("target/xtask/solve-in-docker/context/question/python.txt"), "==3.12.*");
    assert_eq!(asked_of_uv(&repository), "numpy>=2\npip>=23\ntqdm\n");
}

#[test]
fn it_holds_what_the_build_needs_and_nothing_else() {
    let repository = built(Repository::with_settings("WANDB_API_KEY=hunter2\n"));
    let is_script = |it: &&String| !it.starts_with("scripts/") && !it.starts_with("run/");
    let names: Vec<String> = context(&repository).into_keys().map(|it| it.to_str().unwrap().to_owned()).collect();
    let names: Vec<&String> = names.iter().filter(is_script).collect();
    let expected = "apt-build.txt apt-dev.txt apt-runtime.txt local-projects.txt project project/python-project \
                    project/python-project/.not-mounted project/python-project/README.md \
                    project/python-project/pyproject.toml project/python-project/src project/python-project/src/tiny_package \
                    project/python-project/src/tiny_package/__init__.py python.txt run scripts uv.txt";
    assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(text(&repository, "project/python-project/pyproject.toml"), PYPROJECT);
    assert_eq!(
        text(&repository, "project/python-project/src/tiny_package/__init__.py"),
        "",
        "the code is mounted, not copied"
    );
}

#[test]
fn the_scripts_can_be_executed() {
    let repository = built(Repository::with_settings(""));
    // What runs in containers is apart from what the build mounts.
    for (from, to) in [("scripts", "scripts"), ("scripts/run", "run")] {
        let scripts = fs::read_dir(repository.path("xtask").join(from)).unwrap();
        let files: Vec<_> = scripts.map(Result::unwrap).filter(|it| it.path().is_file()).collect();
        assert!(!files.is_empty());
        for script in files {
            let copied = repository.path(CONTEXT).join(to).join(script.file_name());
            assert_eq!(fs::metadata(&copied).unwrap().mode() & 0o777, 0o755, "{copied:?}");
        }
    }
    assert!(!repository.path(CONTEXT).join("scripts/run").exists());
}

#[test]
fn a_comment_or_another_order_rebuilds_nothing() {
    let repository = built(Repository::with_settings("").dependencies("dependencies: [python, pip: [tqdm, numpy]]\n"));
    let before = context(&repository);
    repository.write(
        "dependencies/environment.yml",
        "# why\ndependencies:\n  - python # 3\n  - pip:\n    - numpy # arrays\n\n    - tqdm\n",
    );
    repository.write("dependencies/apt-dev.txt", "# other\ncurl # why\nvim\n");
    repository.write("python-project/src/tiny_package/__init__.py", "ANSWER = 43\n");
    let repository = built(repository);
    assert_eq!(context(&repository), before);
}

#[test]
fn one_more_package_changes_only_its_own_list() {
    let repository = built(Repository::with_settings(""));
    let before = context(&repository);
    repository.write("dependencies/apt-dev.txt", "curl\nhtop\nvim\n");
    let after = context(&built(repository));
    let changed: Vec<_> =
        after.iter().filter(|(path, entry)| before.get(*path) != Some(entry)).map(|it| it.0).collect();
    assert_eq!(changed, [std::path::Path::new("apt-dev.txt")]);
}

#[test]
fn what_is_no_longer_copied_is_gone() {
    let script = "xtask/scripts/run/mine.sh";
    let repository = built(Repository::with_settings("").file(script, "true\n"));
    assert!(repository.path(CONTEXT).join("run/mine.sh").exists());
    std::fs::remove_file(repository.path(script)).unwrap();
    let repository = built(repository);
    assert!(!repository.path(CONTEXT).join("run/mine.sh").exists());
}

#[test]
fn a_project_without_system_packages_needs_no_lists() {
    let repository = Repository::with_settings("");
    for list in ["apt-build.txt", "apt-runtime.txt", "apt-dev.txt"] {
        fs::remove_file(repository.path("dependencies").join(list)).unwrap();
    }
    assert_eq!(text(&built(repository), "apt-dev.txt"), "");
}

#[test]
fn a_version_that_stands_in_the_code_comes_along() {
    let pyproject = "[project]\nname = 'tiny-project'\ndynamic = ['version']\n";
    let repository = Repository::with_settings("")
        .file("python-project/pyproject.toml", pyproject)
        .file("python-project/src/tiny_project/__init__.py", "__version__ = '1'\n");
    let repository = built(repository);
    assert_eq!(text(&repository, "project/python-project/src/tiny_project/__init__.py"), "__version__ = '1'\n");
}

#[test]
fn licence_files_may_be_named_by_a_pattern() {
    let pyproject = "[project]\nname = 'tiny-project'\nlicense-files = ['LICEN[CS]E*']\n";
    let repository = Repository::with_settings("")
        .file("python-project/src/tiny_project/__init__.py", "")
        .file("python-project/pyproject.toml", pyproject)
        .file("python-project/LICENSE", "Free.\n");
    assert_eq!(text(&built(repository), "project/python-project/LICENSE"), "Free.\n");
}
