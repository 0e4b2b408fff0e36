//! `cargo xtask check`

use crate::repository::{ENV_FILE, Repository};

/// Mistakes of several kinds in one file, as in a first try by hand.
const WRONG: &str = "dependencies:\n  - numpy==1.*\n  - pip:\n    - torch=2.1\n    - torch\nchanels: [x]\n";

#[test]
fn a_right_repository_has_no_findings() {
    let repository = Repository::fresh().dependencies("dependencies:\n  - python=3.12\n");
    let before = repository.tree();
    repository.xtask(["check"]).exits(0).stdout("").stderr("xtask: no problems found\n");
    assert_eq!(repository.tree(), before, "nothing was changed, the settings are not made either");
    for program in ["docker", "uv", "id"] {
        assert!(repository.calls(program).is_empty(), "{program} was started");
    }
}

#[test]
fn every_mistake_is_shown_in_its_line_with_a_way_out() {
    let ended = Repository::fresh().dependencies(WRONG).xtask(["check"]);
    ended.exits(1);
    for code in ["warning[W0307]", "error[E0314]", "warning[W0337]", "error[E0301]"] {
        ended.stdout_has(&format!("{code}: "));
    }
    ended.stdout_has(
        "error[E0301]: unknown key `chanels`\n --> dependencies/environment.yml:6:1\n  |\n6 | chanels: [x]\n  | ^^^^^^^\n  |\n  \
         = help: did you mean `channels`?\n",
    );
    ended.stderr_has("errors").stderr_has("`cargo xtask check --explain E0");
}

#[test]
fn programs_get_one_json_object_a_line() {
    let ended = Repository::fresh().dependencies(WRONG).xtask(["check", "--format", "json"]);
    ended.exits(1);
    let objects: Vec<serde_json::Value> = ended.out().lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let unknown = objects.iter().find(|it| it["code"] == "E0301").unwrap();
    assert_eq!(unknown["severity"], "error");
    assert_eq!(unknown["file"], "dependencies/environment.yml");
    assert_eq!((&unknown["line"], &unknown["column"], &unknown["end_column"]), (&6.into(), &1.into(), &8.into()));
    assert_eq!(unknown["help"], "did you mean `channels`?");
}

#[test]
fn github_gets_annotations() {
    let ended = Repository::fresh().dependencies(WRONG).xtask(["check", "--format", "github"]);
    ended.exits(1).stdout_has(
        "::error file=dependencies/environment.yml,line=6,col=1,endColumn=8,title=E0301::unknown key `chanels`%0Ahelp: ",
    );
}

#[test]
fn a_pipe_gets_no_colours() {
    Repository::fresh().dependencies(WRONG).xtask(["check"]).exits(1).never_says("\u{1b}");
}

#[test]
fn warnings_stop_nothing_and_build_shows_them() {
    let repository = Repository::fresh().dependencies("dependencies:\n  - python\n");
    repository.xtask(["check"]).exits(0).stdout_has("warning[W0318]").stderr_has("xtask: 1 warning; ");
    repository.xtask(["build"]).exits(0).stderr_has("warning[W0318]");
    repository.xtask(["run", "true"]).exits(0).never_says("W0318");
}

#[test]
fn a_code_is_explained() {
    let repository = Repository::fresh();
    for code in ["E0301", "e0301"] {
        repository.xtask(["check", "--explain", code]).exits(0).stdout_has("## E0301: ").stderr("");
    }
    repository.xtask(["check", "--explain", "E03011"]).exits(1).stderr_has("did you mean `E0301`?");
}

#[test]
fn a_mistake_in_an_installation_file_is_found() {
    let repository = Repository::fresh();
    let dockerfile = repository.read("installation/docker-amd64/Dockerfile");
    repository.write("installation/docker-amd64/Dockerfile", &dockerfile.replace("COPY project ", "COPY projects "));
    repository.xtask(["check"]).exits(1).stdout_has("error[E0703]");
    repository.xtask(["build"]).exits(1).stderr_has("error[E0703]");
    assert!(repository.docker_changes().is_empty());

    repository.write("installation/docker-amd64/Dockerfile", &dockerfile.replace("ARG LAYERS=0", "ARG LAYER=0"));
    repository.xtask(["check"]).exits(0).stdout_has("warning[W0702]");
    repository.xtask(["build"]).exits(0).stderr_has("warning[W0702]");
}

#[test]
fn a_missing_file_is_named() {
    let repository = Repository::fresh();
    std::fs::remove_file(repository.path("dependencies/environment.yml")).unwrap();
    repository
        .xtask(["check", "--format", "short"])
        .exits(1)
        .stdout_has("dependencies/environment.yml: error[E0101]: ");
}

#[test]
fn a_secret_that_others_can_see_is_an_error_and_is_not_shown() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let repository = Repository::with_settings("WANDB_API_KEY=hunter2\n");
    repository.xtask(["check"]).exits(0).never_says("hunter2");
    set_permissions(repository.path(ENV_FILE), Permissions::from_mode(0o640)).unwrap();
    let ended = repository.xtask(["check"]);
    ended.exits(1).never_says("hunter2").stdout_has("error[E0509]").stdout_has(&format!("`chmod 600 {ENV_FILE}`"));

    let git = |arguments: &[&str]| {
        assert_cmd::Command::new("git").args(arguments).current_dir(repository.path("")).assert().success();
    };
    set_permissions(repository.path(ENV_FILE), Permissions::from_mode(0o600)).unwrap();
    git(&["init", "--quiet"]);
    git(&["add", "--force", ENV_FILE]);
    let ended = repository.xtask(["check"]);
    ended.exits(1).never_says("hunter2").stdout_has("error[E0510]").stdout_has("git rm --cached");
}

#[test]
fn a_malformed_secret_is_not_shown() {
    let repository = Repository::with_settings("WANDB_API_KEY=hunter2 hunter3\n");
    repository.xtask(["check"]).exits(1).stdout_has("error[E0502]").never_says("hunter");
}
