//! Building again from the lock, and comparing.

use serde_json::{Value, json};

use crate::repository::{RUNTIME, Repository};
use crate::stand_in::argv;

const PYLOCK: &str = "lock-version = \"1.0\"\n[[packages]]\nname = \"tqdm\"\nversion = \"4.66.0\"\n\
                      wheels = [{ url = \"https://e.org/tqdm.whl\", hashes = { sha256 = \"00\" } }]\n";

/// What the probe prints in an environment with tqdm.
fn snapshot(files: &Value) -> String {
    let snapshot = json!({
        "format": 1,
        "platform": {"system": "Linux", "machine": std::env::consts::ARCH},
        "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env", "markers": {}},
        "distributions": [{"name": "tqdm", "version": "4.66.0", "installer": "uv", "files": files}],
    });
    snapshot.to_string()
}

/// A repository with a lock and an image; what the probe prints in the image, and in what is built again.
fn repository(installed: &Value, again: &Value) -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n");
    repository.stand_ins.note("python-found", "3.12.4\n");
    repository.stand_ins.note("pylock", PYLOCK);
    repository.xtask(["lock"]).exits(0);
    repository.stand_ins.note("installed", &snapshot(installed));
    repository.stand_ins.note("again", &snapshot(again));
    let script = "case $* in *:verify' '*) cat \"$state/again\" ;; *) cat \"$state/installed\" ;; esac";
    repository.stand_ins.forget();
    repository.image(RUNTIME).container(script)
}

/// A repository whose lock reproduces its image.
pub fn with_image_and_lock() -> Repository {
    let files = json!({});
    repository(&files, &files)
}

/// Whether an image is left of what was built for the comparison.
pub fn is_left(repository: &Repository) -> bool {
    std::fs::read_to_string(repository.temp("state/images")).unwrap().contains(":verify")
}

#[test]
fn the_environment_is_built_in_a_clean_stage_and_compared() {
    let files = json!({"tqdm/a.py": "1", "tqdm/b.py": "2"});
    let repository = repository(&files, &files);
    let ended = repository.xtask(["verify"]);
    ended.exits(0).stdout("").stderr_has("building the environment again with uv from `dependencies/lock/linux-");
    ended.stderr_has(&format!("xtask: `{RUNTIME}`: 2 packages and 2 files compared, 0 differ\n"));
    ended.stderr_has(&format!("xtask: `{RUNTIME}`: 2 of 2 layers of packages have the same digest\n"));
    let changes = repository.docker_changes();
    let name = RUNTIME.strip_suffix(":runtime").unwrap();
    let build = changes[0].join(" ");
    assert!(build.starts_with("buildx build --load "), "{build}");
    assert!(build.contains(&format!(" --target environment --tag {name}:verify ")), "{build}");
    assert!(
        build.contains(" --no-cache-filter layer-1 --no-cache-filter layers-0 --no-cache-filter layers-1 "),
        "{build}"
    );
    assert_eq!(changes.last().unwrap(), &argv(&format!("image rm --force {name}:verify")));
    assert!(!is_left(&repository));
}

#[test]
fn each_file_that_differs_is_told_and_the_exit_code_says_so() {
    let repository = repository(&json!({"tqdm/a.py": "1"}), &json!({"tqdm/a.py": "2", "tqdm/b.py": "2"}));
    let says = format!(
        "xtask: `{RUNTIME}`: tqdm: `tqdm/a.py` differs\nxtask: `{RUNTIME}`: tqdm: `tqdm/b.py` is missing\n\
         xtask: `{RUNTIME}`: 2 packages and 2 files compared, 2 differ\n"
    );
    repository.xtask(["verify"]).exits(1).stderr_has(&says);
    assert!(!is_left(&repository));
}

#[test]
fn nothing_is_left_where_something_fails() {
    let files = json!({});
    let repository = repository(&files, &files);
    repository.stand_ins.note("again", "Traceback\n");
    repository.xtask(["verify"]).exits(1).stderr_has("error: ");
    assert!(!is_left(&repository));

    repository.stand_ins.note("build-fails", "");
    repository.xtask(["verify"]).exits(1).stderr_has(":verify` was not built");
    assert!(!is_left(&repository));
}

#[test]
fn a_dry_run_builds_nothing() {
    let files = json!({});
    let repository = repository(&files, &files);
    let ended = repository.xtask(["--dry-run", "verify"]);
    ended
        .exits(0)
        .stdout_has(" --no-cache-filter layer-1 --no-cache-filter layers-0 --no-cache-filter layers-1 ")
        .stdout_has("docker image rm --force ");
    assert_eq!(repository.docker_changes(), Vec::<Vec<String>>::new());
}

#[test]
fn what_is_needed_for_it_is_told() {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    repository.xtask(["verify"]).exits(1).stderr_has("has no lock: ").stderr_has("`cargo xtask freeze`");

    let files = json!({});
    let repository = self::repository(&files, &files);
    repository.stand_ins.note("images", "");
    repository.xtask(["verify"]).exits(1).stderr_has("no image to compare with: `cargo xtask build --locked`");
    repository.write("dependencies/environment.yml", "dependencies:\n  - python\n  - pip:\n    - rich\n");
    repository.xtask(["verify"]).exits(1).stderr_has("does not match the dependency files").stderr_has("+ rich");
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn a_native_environment_is_made_beside_the_one_that_is_there_and_removed() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository.stand_ins.note("python-found", "3.12.4\n");
    repository.stand_ins.note("pylock", PYLOCK);
    repository.xtask(["lock"]).exits(0);
    repository.xtask(["verify"]).exits(1).stderr_has("no environment in `.venv` to compare with");
    repository.xtask(["build", "--locked"]).exits(0);
    repository.stand_ins.forget();

    // The stand-in for Python is no probe.
    repository.xtask(["verify"]).exits(1).stderr_has("the environment's Python printed no JSON");
    let prefix = "[ROOT]/target/xtask/verify";
    assert_eq!(
        repository.calls("uv")[0],
        argv(&format!("venv --quiet --no-project --allow-existing --python ==3.12.4 {prefix}"))
    );
    assert!(!repository.path("target/xtask/verify").exists());
}
