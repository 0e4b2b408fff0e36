//! `docker compose` by hand, without cargo.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::docker::{self, docker};
use crate::support::{Repository, Subject, Suite, bounded, command, trials};

/// What a machine's network adds to a container, which compose by hand leaves out.
const NETWORK: [&str; 9] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CA_CERTIFICATES",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

pub fn trials() -> Subject {
    trials![runs_a_command_in_each_service, describes_the_container_that_xtask_run_makes]
}

fn runs_a_command_in_each_service(suite: &Suite) {
    let version = suite.repository.output_of(["python", "--version"]);
    for service in ["runtime", "dev"] {
        let mut run = compose(&suite.repository, &["run", "--rm", "-T", service, "python", "--version"]);
        run.assert().success().stdout(version.clone());
    }
}

fn describes_the_container_that_xtask_run_makes(suite: &Suite) {
    let config = compose(&suite.repository, &["config", "--format", "json"]).assert().success();
    let config: Value = serde_json::from_slice(&config.get_output().stdout).unwrap();
    let service = &config["services"]["runtime"];

    let mut run = suite.repository.xtask(["run", "--detach", "--", "sleep", "infinity"]);
    run.envs([("WANDB_API_KEY", "a-key"), ("GRPID", "12")]);
    for name in NETWORK {
        run.env_remove(name);
    }
    let id = String::from_utf8(run.assert().success().get_output().stdout.clone()).unwrap();
    let container = docker::inspect("container", id.trim());
    docker(["rm", "--force", id.trim()]).assert().success();

    assert_eq!(service["image"], container["Config"]["Image"]);
    assert_eq!(service["user"], container["Config"]["User"]);
    assert_eq!(service["working_dir"], container["Config"]["WorkingDir"]);
    assert_eq!(mounts(&service["volumes"], "target"), mounts(&container["Mounts"], "Destination"));
    let image = docker::inspect("image", &suite.repository.image("runtime"));
    let added: BTreeSet<String> =
        lines(&container["Config"]["Env"]).difference(&lines(&image["Config"]["Env"])).cloned().collect();
    assert_eq!(assignments(&service["environment"]), added);
}

/// In the folder of the installation, as a person would; the settings are in `.env` and in the shell.
fn compose(repository: &Repository, arguments: &[&str]) -> assert_cmd::Command {
    let mut compose = command("docker");
    repository.environment(&mut compose).current_dir(repository.path("installation/docker-amd64"));
    compose.arg("compose").args(arguments).envs([("WANDB_API_KEY", "a-key"), ("GRPID", "12")]);
    bounded(compose)
}

/// Sources and targets.
fn mounts(list: &Value, target: &str) -> BTreeSet<(String, String)> {
    let get = |mount: &Value, key: &str| mount[key].as_str().unwrap_or_default().to_owned();
    let source = if target == "target" { "source" } else { "Source" };
    list.as_array().unwrap().iter().map(|it| (get(it, source), get(it, target))).collect()
}

fn lines(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

fn assignments(map: &Value) -> BTreeSet<String> {
    map.as_object().unwrap().iter().map(|(name, it)| format!("{name}={}", it.as_str().unwrap_or_default())).collect()
}
