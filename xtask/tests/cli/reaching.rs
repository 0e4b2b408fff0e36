//! `cargo xtask up --ssh`, `--ssh-config` and `--jupyter`: what is printed for those who come in.

use crate::repository::{DEV, Repository};
use crate::stand_in::Call;
use crate::up::{compose_files, let_in};

const PORTS: &str = "COMPOSE_PROJECT_NAME=tiny\nSSH_PORT=2201\nJUPYTER_PORT=8901\n";
const FOLDER: &str = "installation/docker-amd64/.dev";

fn reachable() -> Repository {
    let repository = Repository::with_settings(PORTS).image(DEV);
    let_in(&repository);
    repository
}

#[test]
fn the_line_that_connects_is_all_that_is_on_stdout() {
    let repository = reachable();
    let expected = format!(
        "ssh -p 2201 -o 'UserKnownHostsFile=\"[ROOT]/{FOLDER}/known_hosts\"' -o 'StrictHostKeyChecking=yes' \
         jdoe@127.0.0.1\n"
    );
    repository.xtask(["up", "--ssh"]).exits(0).stdout(&expected);
    assert_eq!(repository.read(&format!("{FOLDER}/ssh/authorized_keys")), "ssh-ed25519 AAAAada\n");
    let known = repository.read(&format!("{FOLDER}/known_hosts"));
    assert_eq!(known, "[127.0.0.1]:2201 ssh-ed25519 AAAAserver\n");
    repository.xtask(["up", "--ssh"]).exits(0).stdout(&expected);
}

#[test]
fn the_block_for_the_clients_configuration_is_named_after_the_checkout() {
    let repository = reachable();
    let ended = repository.xtask(["up", "--ssh-config"]);
    ended.exits(0).stderr_has("xtask: connect with `ssh -p 2201 ");
    assert!(ended.out().starts_with("Host tiny\n    HostName 127.0.0.1\n    Port 2201\n    User jdoe\n"), "{ended:?}");
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.ssh.yaml"]);
}

#[test]
fn without_a_key_nobody_could_come_in_and_nothing_is_started() {
    let repository = Repository::with_settings(PORTS).image(DEV);
    let ended = repository.xtask(["up", "--ssh"]);
    ended.exits(1).stdout("").stderr_has("error: no public key in `[TEMP]/home/.ssh/authorized_keys` ");
    ended.stderr_has("(fix: `ssh-keygen -t ed25519`, or set SSH_AUTHORIZED_KEYS to a file ");
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn the_settings_may_name_the_keys() {
    let repository =
        Repository::with_settings("SSH_AUTHORIZED_KEYS=../../keys\n").file("keys", "ssh-rsa AAAAbob\n").image(DEV);
    repository.xtask(["up", "--ssh"]).exits(0);
    assert_eq!(repository.read(&format!("{FOLDER}/ssh/authorized_keys")), "ssh-rsa AAAAbob\n");
}

#[test]
fn a_server_that_did_not_start_is_told_with_where_to_look() {
    let ended = reachable().note("no-ssh-server").xtask(["up", "--ssh"]);
    ended.exits(1).stdout("").stderr_has("error: the SSH server did not start: `cargo xtask logs` shows why: ");
}

#[test]
fn the_address_of_jupyterlab_has_its_token_and_stays_the_same() {
    let repository = Repository::with_settings(PORTS).image(DEV);
    let ended = repository.xtask(["up", "--jupyter"]);
    let token = repository.read(&format!("{FOLDER}/jupyter/token"));
    let expected = format!("http://127.0.0.1:8901/lab?token={token}\n");
    ended.exits(0).stdout(&expected);
    assert_eq!(compose_files(&repository), ["compose.yaml", "compose.jupyter.yaml"]);
    assert!(!repository.docker_calls().iter().flatten().any(|it| it.contains(&token)), "it is in no argument");
    repository.xtask(["up", "--jupyter"]).exits(0).stdout(&expected);
}

#[test]
fn an_image_without_jupyterlab_is_refused_before_the_container_is_recreated() {
    let repository = Repository::with_settings(PORTS).image(DEV).container("exit 1");
    let expected = format!(
        "error: JupyterLab is not in `{DEV}` (fix: add `- jupyterlab` to the `pip:` list in \
         dependencies/environment.yml, then cargo xtask up --build --jupyter)\n"
    );
    repository.xtask(["up", "--jupyter"]).exits(1).stdout("").stderr_has(&expected);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_dry_run_makes_neither_keys_nor_token() {
    let repository = reachable();
    let before = repository.tree();
    repository.xtask(["up", "--ssh", "--jupyter", "--dry-run"]).exits(0).stdout_has(" up --detach --no-build\n");
    assert_eq!(repository.tree(), before);
}
