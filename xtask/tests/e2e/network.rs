//! A closed network: a proxy with a password, and certificate authorities of its own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::docker::{answer, gateway};
use crate::support::{Proxy, Repository, Subject, Suite, found_in_layers, host_variable, run_id, trials};

const USER: &str = "e2e-proxy-user";
const PASSWORD: &str = "e2e-proxy-password";
/// Both, as a client sends them.
const CREDENTIALS: &str = "ZTJlLXByb3h5LXVzZXI6ZTJlLXByb3h5LXBhc3N3b3Jk";
const API_KEY: &str = "e2e0wandb0api0key0e2e0wandb0api0key0e2e0";
const PERSON: &str = "e2e-person";
const GROUP: &str = "e2e-group";
const USER_ID: &str = "2000061234";
const AUTHORITIES: &str = "e2e-authorities";

pub fn trials() -> Subject {
    trials![a_build_goes_through_the_proxy_and_leaves_no_trace_of_secrets_certificates_or_people]
}

fn a_build_goes_through_the_proxy_and_leaves_no_trace_of_secrets_certificates_or_people(suite: &Suite) {
    let (repository, _turn) = suite.building("network");
    let proxy = Proxy::start(&gateway(&suite.repository.image("runtime")));
    let authorities = certificate_authorities(&repository);
    make_every_step_after_apt_run(&repository);

    let mut build = repository.xtask(["build", "all"]);
    let url = format!("http://{USER}:{PASSWORD}@{}", proxy.address());
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
        build.env(name, &url);
    }
    build.env_remove("no_proxy").env_remove("NO_PROXY");
    build.env("CA_CERTIFICATES", &authorities).env("WANDB_API_KEY", API_KEY);
    build.envs([("USR", PERSON), ("GRP", GROUP), ("LAB_NAME", GROUP), ("USRID", USER_ID), ("GRPID", USER_ID)]);
    let output = build.assert().success().get_output().stderr.clone();
    let printed = String::from_utf8_lossy(&output);

    // apt asks for its indexes again whenever it runs.
    let requests = proxy.requests();
    assert!(!requests.is_empty(), "nobody used the proxy:\n{printed}");
    assert_eq!(proxy.requests_without(CREDENTIALS), <[&str; 0]>::default());

    let address = proxy.address();
    let traces = [USER, PASSWORD, CREDENTIALS, &address, API_KEY, PERSON, GROUP, USER_ID, AUTHORITIES, "BEGIN E2E"];
    for target in ["runtime", "dev"] {
        let image = repository.image(target);
        let history = answer(["history", "--no-trunc", "--format", "{{json .}}", &image]);
        let configuration =
            answer(["image", "inspect", "--format", "{{json .Config}} {{json .ContainerConfig}}", &image]);
        let environment = answer(["run", "--rm", "--network=none", &image, "env"]);
        for trace in traces.iter().chain(&["_proxy=", "_PROXY="]) {
            assert!(!history.contains(trace), "`{trace}` is in the history of {target}:\n{history}");
            assert!(!configuration.contains(trace), "`{trace}` is in the configuration of {target}:\n{configuration}");
            assert!(!environment.contains(trace), "`{trace}` is in the environment of {target}:\n{environment}");
        }
        // Newer builders remove the empty directory too.
        let find = "[ ! -d /run/secrets ] || find /run/secrets -type f";
        let secrets = answer(["run", "--rm", "--network=none", &image, "sh", "-c", find]);
        assert_eq!(secrets, "", "in {target}");
        assert_eq!(found_in_layers(&repository, &image, &traces), <[&str; 0]>::default(), "in the layers of {target}");
    }
}

/// The authorities of this machine, in a file that can be recognised by its name and by what stands in it.
fn certificate_authorities(repository: &Repository) -> PathBuf {
    let usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    let chosen = host_variable("SSL_CERT_FILE").into_iter().chain(usual.map(str::to_owned));
    let bundle =
        chosen.into_iter().find(|it| Path::new(it).is_file()).expect("this machine has certificate authorities");
    let path = repository.directory("certificates").join(format!("{AUTHORITIES}.pem"));
    // Text between certificates is a comment.
    let text = format!("BEGIN E2E authorities\n{}", fs::read_to_string(bundle).unwrap());
    fs::write(&path, text).unwrap();
    path
}

/// A small environment that no earlier run has built, so that this build installs it, the project, and the packages of
/// the dev image.
fn make_every_step_after_apt_run(repository: &Repository) {
    let package = format!("tqdm; platform_machine != '{}'", run_id());
    repository.write("dependencies/environment.yml", &format!("dependencies:\n- python\n- pip:\n  - \"{package}\"\n"));
    repository.write("dependencies/apt-dev.txt", "less\n");
}
