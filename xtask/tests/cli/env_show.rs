//! `cargo xtask env --show` prints the values in force.

use crate::repository::Repository;

#[test]
fn the_values_of_the_file_and_the_defaults_are_told_apart() {
    let repository = Repository::with_settings("BASE_IMAGE=debian:12\n");
    let ended = repository.xtask(["env", "--show"]);
    ended.exits(0).stderr("").stdout_has("BASE_IMAGE=debian:12\n").stdout_has("\nENGINE=auto # default\n");
    ended.stdout_has("USRID=1234 # default\n").stdout_has("\nPROJECT_NAME=tiny-project # default\n");
}

#[test]
fn what_comes_from_the_shell_goes_first_and_says_so() {
    let repository = Repository::with_settings("BASE_IMAGE=debian:12\nENGINE=docker\n");
    let repository = repository.variable("BASE_IMAGE", "debian:13").variable("ENGINE", "");
    let ended = repository.xtask(["env", "--show"]);
    ended.exits(0).stderr("").stdout_has("BASE_IMAGE=debian:13 # from the shell's environment\n");
    ended.stdout_has("\nENGINE=docker\n");
}

#[test]
fn what_run_sets_in_a_container_is_not_mistaken_for_a_choice() {
    let repository = Repository::with_settings("").variable("OUTPUTS_DIR", "/somewhere/else");
    repository.xtask(["env", "--show"]).exits(0).stderr("").stdout_has("\nOUTPUTS_DIR=/opt/outputs # default\n");
}

#[test]
fn the_key_is_never_printed() {
    let of_file = Repository::with_settings("WANDB_API_KEY=hunter2\n");
    of_file.xtask(["env", "--show"]).exits(0).stdout_has("\nWANDB_API_KEY=***\n").never_says("hunter2");
    let of_shell = Repository::with_settings("").variable("WANDB_API_KEY", "hunter2");
    let ended = of_shell.xtask(["env", "--show"]);
    ended.exits(0).stdout_has("\nWANDB_API_KEY=*** # from the shell's environment\n").never_says("hunter2");
    Repository::with_settings("").xtask(["env", "--show"]).exits(0).stdout_has("\nWANDB_API_KEY='' # default\n");
}

#[test]
fn the_names_follow_pyproject_toml() {
    let text = "[project]\nname = \"Sea-Ice.Study\"\n[tool.hatch.build.targets.wheel]\npackages = [\"src/sea_ice\"]\n";
    let repository = Repository::fresh().file("python-project/pyproject.toml", text);
    let ended = repository.xtask(["env", "--show"]);
    ended.exits(0).stderr("").stdout_has("\nPROJECT_NAME=Sea-Ice.Study # default\n");
    ended
        .stdout_has("\nPACKAGE_NAME=sea_ice # default\n")
        .stdout_has("\nIMAGE_NAME=sci/jdoe/sea-ice-study # default\n");
}

#[test]
fn looking_changes_nothing() {
    let repository = Repository::fresh();
    let before = repository.tree();
    repository.xtask(["env", "--show"]).exits(0).stderr("");
    assert_eq!(repository.tree(), before);
}

#[test]
fn a_wrong_value_is_shown_and_named() {
    let repository = Repository::with_settings("ENGINE=lxc\n");
    let expected = "error[E0505]: `ENGINE` must be one of `auto`, `docker`, `podman`, `native`, not `lxc`\n \
                    --> installation/docker-amd64/.env:1:8\n  |\n1 | ENGINE=lxc\n  |        ^^^\n";
    repository.xtask(["env", "--show"]).exits(1).stdout_has("ENGINE=lxc\n").stderr(expected);
}
