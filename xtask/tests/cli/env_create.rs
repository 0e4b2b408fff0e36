//! `cargo xtask env` makes the settings file.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::repository::{ENV_FILE, PYPROJECT, Repository};
use crate::stand_in::Daemon;
use crate::tags::{committed, git};

/// Every variable that people are promised, with its default in the test's repository.
const DEFAULTS: [(&str, &str); 37] = [
    ("USRID", "1234"),
    ("GRPID", "5678"),
    ("USR", "jdoe"),
    ("GRP", "sci"),
    ("LAB_NAME", "sci"),
    ("REGISTRY_HOSTNAME", ""),
    ("CPU_OR_GPU", "cpu"),
    ("LOCK_VARIANT", ""),
    ("LOCAL_PROJECT_DIR", "../.."),
    ("LOCAL_DATA_DIR", "../../data"),
    ("LOCAL_OUTPUTS_DIR", "../../outputs"),
    ("LOCAL_WANDB_DIR", "../../outputs"),
    ("WANDB_API_KEY", ""),
    ("PROJECT_NAME", "tiny-project"),
    ("PACKAGE_NAME", "tiny_package"),
    ("PROJECT_ROOT", "/opt/project"),
    ("PROJECT_DIR", "/opt/project/python-project"),
    ("DATA_DIR", "/opt/data"),
    ("OUTPUTS_DIR", "/opt/outputs"),
    ("WANDB_DIR", "/opt/wandb"),
    ("IMAGE_NAME", "sci/jdoe/tiny-project"),
    ("ENGINE", "auto"),
    ("SOLVER", "auto"),
    ("RUN_SYNC", "true"),
    ("BUILDER", ""),
    ("RECEIPTS", "false"),
    ("BASE_IMAGE", ""),
    ("CA_CERTIFICATES", ""),
    ("COMPOSE_PROJECT_NAME", "tiny-project-[CHECKOUT]"),
    ("SHM_SIZE", "8gb"),
    ("MEMORY_LIMIT", ""),
    ("PIDS_LIMIT", "16384"),
    ("NO_NEW_PRIVILEGES", "false"),
    ("SSH_AGENT", "true"),
    ("SSH_PORT", "[CHECKOUT]"),
    ("JUPYTER_PORT", "[CHECKOUT]"),
    ("SSH_AUTHORIZED_KEYS", ""),
];

const CREATED: &str = "xtask: created `installation/docker-amd64/.env` with this machine's defaults\n";

fn created() -> Repository {
    let repository = Repository::fresh();
    repository.xtask(["env"]).exits(0).stdout("").stderr(CREATED);
    repository
}

fn read_by_dotenvy(repository: &Repository) -> BTreeMap<String, String> {
    dotenvy::from_path_iter(repository.path(ENV_FILE)).unwrap().map(Result::unwrap).collect()
}

fn read_by_bash(repository: &Repository) -> BTreeMap<String, String> {
    let script = "set -eu; set -a; . \"$1\"; env -0";
    let mut bash = assert_cmd::Command::new("bash");
    let path = repository.path(ENV_FILE);
    let output = bash.env_clear().env("PATH", "/usr/bin:/bin").args(["-c", script, "bash"]).arg(path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').filter_map(|it| it.split_once('=')).map(|(a, b)| (a.into(), b.into())).collect()
}

/// What `env --show` says, without what it remarks; plain values only.
fn read_by_us(repository: &Repository) -> BTreeMap<String, String> {
    let shown = repository.xtask(["env", "--show"]);
    shown.exits(0).stderr("");
    let unquoted = |it: &str| it.trim_matches(['\'', '"']).to_owned();
    shown.out().lines().filter_map(|it| it.split_once('=')).map(|(a, b)| (a.to_owned(), unquoted(b))).collect()
}

#[test]
fn it_is_private() {
    let mode = fs::metadata(created().path(ENV_FILE)).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn it_has_every_variable_with_this_machines_value_and_no_password() {
    let expected: BTreeMap<String, String> = DEFAULTS.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let repository = created();
    let mut values = read_by_dotenvy(&repository);
    // Made from the checkout's path.
    let name = values["COMPOSE_PROJECT_NAME"].strip_prefix("tiny-project-").map(str::to_owned);
    assert!(name.is_some_and(|it| it.len() == 6 && it.bytes().all(|it| it.is_ascii_hexdigit())), "{values:?}");
    values.insert("COMPOSE_PROJECT_NAME".to_owned(), "tiny-project-[CHECKOUT]".to_owned());
    for (name, ports) in [("SSH_PORT", 20_000..26_000), ("JUPYTER_PORT", 26_000..32_000)] {
        assert!(ports.contains(&values[name].parse().unwrap()), "{values:?}");
        values.insert(name.to_owned(), "[CHECKOUT]".to_owned());
    }
    assert_eq!(values, expected);
    assert!(!repository.read(ENV_FILE).contains("PASSWD"));
}

#[test]
fn every_variable_has_a_comment_and_a_section() {
    let text = created().read(ENV_FILE);
    let mut above = "";
    for line in text.lines() {
        if line.contains('=') && !line.starts_with('#') {
            assert!(above.starts_with("# "), "a comment above {line}");
        }
        above = line;
    }
    assert!(text.lines().filter(|it| it.starts_with("## ")).count() >= 5, "{text}");
}

#[test]
fn bash_dotenvy_and_the_tool_read_the_same_values() {
    let repository = created();
    let (bash, dotenvy, us) = (read_by_bash(&repository), read_by_dotenvy(&repository), read_by_us(&repository));
    assert_eq!(dotenvy, us);
    for (name, value) in &dotenvy {
        assert_eq!(bash.get(name), Some(value), "{name}");
    }
}

#[test]
fn unusual_values_are_read_alike_by_everybody() {
    let lines = "LOCAL_DATA_DIR=\"/mnt/it's here\"\nLOCAL_OUTPUTS_DIR='/mnt/a $b `c`'\nUSR='J. Döe'\n\
                 export GRP=sci # a remark\nLAB_NAME=${GRP}\n";
    let repository = Repository::with_settings(lines);
    let (bash, dotenvy, us) = (read_by_bash(&repository), read_by_dotenvy(&repository), read_by_us(&repository));
    let expected = [
        ("LOCAL_DATA_DIR", "/mnt/it's here"),
        ("LOCAL_OUTPUTS_DIR", "/mnt/a $b `c`"),
        ("USR", "J. Döe"),
        ("GRP", "sci"),
        ("LAB_NAME", "sci"),
    ];
    for (name, value) in expected {
        for (reader, values) in [("bash", &bash), ("dotenvy", &dotenvy), ("the tool", &us)] {
            assert_eq!(values[name], value, "{name}, read by {reader}");
        }
    }
}

#[test]
fn what_the_shell_has_exported_is_written_and_names_are_made_of_it() {
    let repository = Repository::fresh().variable("LAB_NAME", "vision").variable("BASE_IMAGE", "debian:12");
    let repository = repository.variable("ENGINE", "native").variable("WANDB_API_KEY", "hunter2");
    let says = CREATED.replace("defaults\n", "defaults and your shell's LAB_NAME, BASE_IMAGE\n");
    repository.xtask(["env"]).exits(0).stderr(&says);
    let values = read_by_dotenvy(&repository);
    let expected = [
        ("LAB_NAME", "vision"),
        ("IMAGE_NAME", "vision/jdoe/tiny-project"),
        ("BASE_IMAGE", "debian:12"),
        ("ENGINE", "auto"),
        ("WANDB_API_KEY", ""),
    ];
    for (name, value) in expected {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn the_images_name_follows_what_it_is_made_of() {
    let repository = created();
    repository.xtask(["env", "--set", "LAB_NAME=vision"]).exits(0);
    for values in [read_by_bash(&repository), read_by_dotenvy(&repository), read_by_us(&repository)] {
        assert_eq!(values["IMAGE_NAME"], "vision/jdoe/tiny-project");
    }
    repository.xtask(["env", "--unset", "LAB_NAME"]).exits(0);
    assert_eq!(read_by_us(&repository)["IMAGE_NAME"], "sci/jdoe/tiny-project");
}

#[test]
fn somebody_whom_the_system_has_no_name_for_gets_settings_too() {
    let repository = Repository::fresh().note("nameless");
    repository.xtask(["env"]).exits(0).stderr(CREATED);
    let values = read_by_dotenvy(&repository);
    assert_eq!((values["USR"].as_str(), values["GRP"].as_str()), ("1234", "5678"));
    assert_eq!(values["IMAGE_NAME"], "5678/1234/tiny-project");
}

#[test]
fn somebody_of_a_windows_domain_gets_settings_too() {
    let repository = Repository::fresh().note("of-a-domain");
    repository.xtask(["env"]).exits(0).stderr(CREATED);
    assert_eq!(read_by_dotenvy(&repository)["IMAGE_NAME"], "epfl-sci/epfl-jdoe/tiny-project");
}

#[test]
fn a_docker_without_root_has_its_root_be_the_user() {
    let repository = Repository::fresh();
    repository.stand_ins.note("info", include_str!("../../crates/docker/tests/data/doctor/info-rootless.json"));
    repository.xtask(["env"]).exits(0).stderr(CREATED);
    let values = read_by_dotenvy(&repository);
    assert_eq!((values["USRID"].as_str(), values["GRPID"].as_str()), ("0", "0"));
    assert_eq!((values["USR"].as_str(), values["GRP"].as_str()), ("jdoe", "sci"), "names stay");
}

#[test]
fn a_docker_that_does_not_answer_changes_no_default() {
    for daemon in [Daemon::Down, Daemon::Denied] {
        let repository = Repository::fresh().daemon(daemon);
        repository.xtask(["env"]).exits(0).stderr(CREATED);
        assert_eq!(read_by_dotenvy(&repository)["USRID"], "1234");
    }
    let repository = Repository::fresh().without("docker");
    repository.xtask(["env"]).exits(0).stderr(CREATED);
    assert_eq!(read_by_dotenvy(&repository)["USRID"], "1234");
}

#[test]
fn it_is_never_overwritten() {
    let repository = created();
    let before = repository.tree();
    let complete = "xtask: `installation/docker-amd64/.env` is up to date; nothing was changed\n";
    repository.xtask(["env"]).exits(0).stdout("").stderr(complete);
    assert_eq!(repository.tree(), before);
}

#[test]
fn a_dry_run_only_says_that_it_would_be_made() {
    let repository = Repository::fresh();
    let before = repository.tree();
    let would = "xtask (dry run): would create `installation/docker-amd64/.env` with this machine's defaults\n";
    repository.xtask(["env", "--dry-run"]).exits(0).stdout("").stderr(would);
    assert_eq!(repository.tree(), before);
}

#[test]
fn any_other_verb_makes_it_and_says_so_in_one_line() {
    for arguments in [["build", "runtime"], ["run", "true"], ["up", "--wait"]] {
        let repository = Repository::fresh();
        let ended = repository.xtask(arguments);
        ended.exits(0).stderr_has(CREATED);
        assert_eq!(read_by_dotenvy(&repository)["USRID"], "1234");
        repository.xtask(arguments).exits(0).never_says("created");
    }
}

#[test]
fn the_tool_is_content_anywhere_in_the_repository() {
    let repository = Repository::fresh().inside("python-project/src/tiny_package");
    repository.xtask(["env"]).exits(0).stdout("").stderr(CREATED);
    assert!(repository.path(ENV_FILE).exists());
}

#[test]
fn a_new_worktree_has_the_settings_of_the_main_one_and_names_and_ports_of_its_own() {
    let (repository, _) = committed();
    repository.xtask(["env", "--set", "SHM_SIZE=1gb", "--set", "ENV_TOKEN_FILE=/x"]).exits(0);
    repository.xtask(["env", "--update"]).exits(0);
    let tree = repository.temp("tree");
    assert!(git(&repository, &["worktree", "add", "--quiet", tree.to_str().unwrap()]).status.success());
    let created = repository.command().current_dir(&tree).arg("env").output().unwrap();
    let says = "xtask: created `installation/docker-amd64/.env` with the settings of the repository's main worktree\n";
    assert_eq!(String::from_utf8(created.stderr).unwrap(), says);

    let file = tree.join(ENV_FILE);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let [main, linked] = [repository.read(ENV_FILE), fs::read_to_string(file).unwrap()];
    let differing = main.lines().zip(linked.lines()).filter(|(main, linked)| main != linked);
    let names: Vec<&str> = differing.map(|(main, _)| main.split('=').next().unwrap()).collect();
    assert_eq!(names, ["COMPOSE_PROJECT_NAME", "SSH_PORT", "JUPYTER_PORT"]);
    assert!(linked.contains("\nSHM_SIZE=1gb\n") || linked.starts_with("SHM_SIZE=1gb\n"), "{linked}");
    assert!(linked.contains("ENV_TOKEN_FILE=/x\n"), "{linked}");
}

#[test]
fn the_base_image_is_the_projects_unless_this_machine_names_another() {
    let project = format!("{PYPROJECT}\n[tool.xtask]\nbase-image = \"debian:12\"\n");
    let repository = Repository::with_settings("").file("python-project/pyproject.toml", &project);
    let built_from = |repository: &Repository| {
        repository.stand_ins.forget();
        repository.xtask(["build", "--force"]).exits(0);
        let built = repository.docker_changes().pop().unwrap();
        built.iter().find_map(|it| it.strip_prefix("BASE_IMAGE=").map(str::to_owned)).unwrap()
    };
    assert_eq!(built_from(&repository), "debian:12");
    repository.xtask(["env", "--set", "BASE_IMAGE=mirror.example.org/debian:12"]).exits(0);
    assert_eq!(built_from(&repository), "mirror.example.org/debian:12");
    repository.xtask(["env", "--unset", "BASE_IMAGE"]).exits(0);
    repository.write("python-project/pyproject.toml", &project.replace("debian:12", "Debian 12"));
    repository.xtask(["check"]).exits(1).stdout_has("[E0302]");
}

#[test]
fn git_ignores_it() {
    let ignored = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../.gitignore")).unwrap();
    assert!(ignored.lines().any(|it| it.trim_start_matches('/') == ENV_FILE), "{ignored}");
}
