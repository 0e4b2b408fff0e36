//! `cargo xtask shell`

use crate::build::build_of;
use crate::repository::Repository;
use crate::run::only_run;

const DEV: &str = "sci/jdoe/tiny-project:dev";

#[test]
fn it_is_bash_in_the_dev_image() {
    let repository = Repository::with_settings("").image(DEV).container("echo shell; exit 3");
    repository.xtask(["shell"]).exits(3).stdout("shell\n").stderr("");
    let run = only_run(&repository);
    assert_eq!(run[run.len() - 2..], [DEV, "bash"]);
    let line = run.join(" ");
    assert!(line.starts_with("run --rm --pull=never --interactive --user 1234:5678 --mount "), "{line}");
}

#[test]
fn the_dev_image_is_built_where_it_is_missing() {
    let repository = Repository::with_settings("");
    repository.xtask(["shell"]).exits(0).stderr_has("xtask: there is no image `sci/jdoe/tiny-project:dev` yet\n");
    assert_eq!(repository.docker_changes()[0], build_of("dev"));
    assert_eq!(repository.docker_changes()[1][0], "run");
}

#[test]
fn variables_and_the_gpu_are_passed() {
    let repository = Repository::with_settings("").image(DEV);
    repository.xtask(["shell", "--gpu", "-e", "SEED=1"]).exits(0);
    let line = only_run(&repository).join(" ");
    assert!(line.contains(" --gpus all ") && line.contains(" --env SEED "), "{line}");
}

#[test]
fn natively_it_is_the_users_own_with_the_environment_activated() {
    let repository = Repository::with_settings("ENGINE=native\n").variable("SHELL", "/bin/sh");
    repository.xtask(["build"]).exits(0);
    let ended = repository.xtask_reading(["shell"], "python\necho $OUTPUTS_DIR\nexit 5\n");
    ended.exits(5).stdout("python of [ROOT]/.venv\n[ROOT]/outputs\n").stderr("");
}
