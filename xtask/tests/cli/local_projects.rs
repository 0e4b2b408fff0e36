//! Projects in folders of the repository, which `environment.yml` has installed by `-e`.

use crate::installed::{LOCK, asked_of_uv, install};
use crate::repository::{RUNTIME, Repository};
use crate::stand_in::is_query;

const ENVIRONMENT: &str =
    "dependencies:\n  - python>=3.11\n  - pip\n  - pip:\n    - tqdm\n    - -e ../libs/tool[plots]\n";

const TOOL: &str = "[project]\nname = 'My-Tool'\nversion = '1'\ndependencies = ['numpy>=1.26', 'other_tool']\n\
                    [project.optional-dependencies]\nplots = [\n  'rich<15',\n]\nunused = ['torch']\n";

/// A repository with two such projects, the first of which needs the second.
fn repository(settings: &str) -> Repository {
    let environment = format!("{ENVIRONMENT}    - ../libs/other\n");
    let repository = Repository::with_settings(settings).dependencies(&environment);
    repository.write("libs/tool/pyproject.toml", TOOL);
    repository.write("libs/tool/src/my_tool/__init__.py", "SECRET = 1\n");
    repository.write("libs/tool/src/my_tool/deep/code.py", "");
    repository.write("libs/tool/setup.cfg", "[metadata]\n");
    repository.write("libs/tool/build/lib/my_tool/__init__.py", "");
    repository.write("libs/other/pyproject.toml", "[project]\nname = 'other-tool'\nversion = '1'\n");
    repository.write("libs/other/other_tool.py", "");
    install(&repository, &["pip 25.0", "tqdm 4.66.0", "numpy 2.0.0", "rich 14.0"]);
    repository
}

fn docker() -> Repository {
    repository("ENGINE=docker\n")
}

#[test]
fn what_they_need_is_solved_with_all_else_and_the_lock_names_their_folders() {
    let repository = docker();
    repository.xtask(["check"]).exits(0);
    repository.xtask(["lock"]).exits(0);
    assert_eq!(asked_of_uv(&repository), "numpy>=1.26\npip\nrich<15\ntqdm\n");
    let lock = repository.read(&format!("{LOCK}/lock.toml"));
    for line in ["projects my-tool libs/tool", "projects other-tool libs/other", "pip rich <15"] {
        assert!(lock.contains(&format!("    \"{line}\",\n")), "{line}: {lock}");
    }
    assert!(!repository.read(&format!("{LOCK}/pylock.toml")).contains("tool"));
    repository.xtask(["build", "--locked"]).exits(0);
}

#[test]
fn an_image_gets_what_their_back_ends_need_and_none_of_their_code() {
    let repository = docker();
    repository.xtask(["build"]).exits(0);
    let context = |path: &str| repository.read(&format!("target/xtask/context/{path}"));
    assert_eq!(context("local-projects.txt"), "libs/other\nlibs/tool\n");
    assert_eq!(context("project/libs/tool/pyproject.toml"), TOOL);
    assert_eq!(context("project/libs/tool/setup.cfg"), "[metadata]\n");
    for name in ["tool/src/my_tool/__init__.py", "tool/src/my_tool/deep/code.py", "other/other_tool.py"] {
        assert_eq!(context(&format!("project/libs/{name}")), "", "{name}");
    }
    assert!(!repository.path("target/xtask/context/project/libs/tool/build").exists());
}

#[test]
fn a_change_in_what_they_are_made_of_makes_the_image_out_of_date() {
    let repository = docker();
    repository.xtask(["build"]).exits(0);
    repository.write("libs/tool/src/my_tool/__init__.py", "SECRET = 2\n");
    repository.xtask(["build"]).exits(0).stderr_has("is up to date");
    repository.write("libs/tool/pyproject.toml", &TOOL.replace("numpy>=1.26", "numpy>=2"));
    let says = "is out of date:\nxtask:   libs/tool/pyproject.toml:4 numpy >=1.26 -> >=2\nxtask:   metadata of the project: changed";
    repository.xtask(["build"]).exits(0).stderr_has(says);
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    repository.write("libs/tool/pyproject.toml", &TOOL.replace(", 'other_tool'", ""));
    repository.xtask(["build"]).exits(0).stderr_has("environment.yml - other-tool libs/other");
}

#[test]
fn freeze_leaves_them_and_drift_knows_whether_they_are_there() {
    let repository = docker().image(RUNTIME);
    let missing = repository.xtask(["drift"]);
    missing.exits(1).stderr_has("`my-tool` is listed but not installed\n --> dependencies/environment.yml:6:7");
    let mut snapshot = crate::installed::snapshot(&["pip 25.0", "tqdm 4.66.0", "numpy 2.0.0", "rich 14.0"]);
    for (name, folder) in [("My-Tool", "tool"), ("other-tool", "other")] {
        let origin =
            serde_json::json!({"url": format!("file:///opt/project/libs/{folder}"), "dir_info": {"editable": true}});
        let distribution =
            serde_json::json!({"name": name, "version": "1", "installer": "uv", "requires": [], "direct_url": origin});
        snapshot["distributions"].as_array_mut().unwrap().push(distribution);
    }
    repository.stand_ins.note("snapshot", &snapshot.to_string());
    repository.xtask(["freeze"]).exits(0).never_says("tool");
    let frozen = repository.read("dependencies/environment.yml");
    assert!(frozen.contains("    - -e ../libs/tool[plots]\n    - ../libs/other\n"), "{frozen}");
    repository.xtask(["drift"]).exits(0);
    repository.xtask(["build", "--locked"]).exits(0);
}

#[test]
fn the_native_environment_has_them_editable_and_loses_those_that_are_listed_no_longer() {
    let repository = repository("ENGINE=native\n").note("solves");
    let built = || {
        repository.stand_ins.forget();
        repository.xtask(["build"]).exits(0);
        let calls = repository.calls("uv").into_iter().filter(|it| !is_query(it));
        calls.map(|it| it.join(" ").replace("--quiet --python [ROOT]/.venv/bin/python ", "")).collect::<Vec<_>>()
    };
    let editable = "pip install --no-deps --editable ./libs/other --editable ./libs/tool --editable ./python-project";
    assert_eq!(built().last().map(String::as_str), Some(editable));
    repository.write("libs/tool/pyproject.toml", &TOOL.replace("version = '1'", "version = '2'"));
    assert_eq!(built(), [editable]);
    repository.write(
        "dependencies/environment.yml",
        "dependencies:\n  - python>=3.11\n  - pip\n  - pip:\n    - tqdm\n    - -e ../libs/other\n",
    );
    let calls = built();
    assert!(calls.iter().any(|it| it.starts_with("pip uninstall") && it.contains("my-tool")), "{calls:?}");
    assert!(calls.iter().all(|it| !it.contains("./libs/tool")), "{calls:?}");
}

#[test]
fn a_folder_that_cannot_be_installed_is_refused_with_what_helps() {
    let repository = docker();
    for (line, pyproject, says, help) in [
        (
            "-e ./libs/tool",
            TOOL,
            "`dependencies/libs/tool` is no project: it has no `pyproject.toml`",
            "write `../libs/tool`",
        ),
        ("-e ../../elsewhere", TOOL, "a folder outside of the repository", "move the project into the repository"),
        ("-e ../data", TOOL, "`data` is no project", "to a folder with a `pyproject.toml`"),
        ("-e ../libs/tool[more]", TOOL, "`libs/tool` has no extra `more`", "it has plots, unused"),
        (
            "../libs/tool ; os_name == 'nt'",
            TOOL,
            "cannot have the marker `os_name == 'nt'`",
            "leave out what follows `;`",
        ),
        ("-e ../libs/tool", "[build-system]\n", "does not say what the project needs", "write a table `[project]`"),
        (
            "-e ../libs/tool",
            "[project]\nname = 'a'\ndynamic = ['dependencies']\n",
            "only the build back end of `libs/tool` knows what the project needs",
            "take it out of `dynamic`",
        ),
    ] {
        repository.write("libs/tool/pyproject.toml", pyproject);
        repository.write(
            "dependencies/environment.yml",
            &format!("dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - \"{line}\"\n"),
        );
        let ended = repository.xtask(["check"]);
        ended.exits(1).stdout_has("error[E0321]").stdout_has(" --> dependencies/environment.yml:5:").stdout_has(says);
        ended.stdout_has(help);
    }
}

#[test]
fn a_python_that_one_of_them_does_not_run_on_is_found_before_the_build() {
    let repository = docker();
    repository
        .write("libs/tool/pyproject.toml", &TOOL.replace("version = '1'", "version = '1'\nrequires-python = '>=3.12'"));
    repository.write(
        "dependencies/environment.yml",
        &format!("{ENVIRONMENT}    - ../libs/other\n").replace(">=3.11", "=3.11"),
    );
    let ended = repository.xtask(["check"]);
    ended.exits(1).stdout_has("error[E0319]: `python=3.11` allows no Python that `libs/tool` supports");
    ended.stdout_has("libs/tool/pyproject.toml has `requires-python = \">=3.12\"` in line 4: change one of the two");
}

#[test]
fn what_is_wrong_in_their_files_is_told_at_its_line_there() {
    let repository = docker();
    repository.write("libs/tool/pyproject.toml", "[project]\nname = 'a'\ndependencies = [\n  'numpy=1',\n]\n");
    repository.write(
        "dependencies/environment.yml",
        "dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - -e ../libs/tool\n",
    );
    repository.xtask(["check"]).exits(1).stdout_has(" --> libs/tool/pyproject.toml:4:3");
}
