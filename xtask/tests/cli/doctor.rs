//! `cargo xtask doctor`

use std::net::TcpListener;

use serde_json::Value;

use crate::ended::Ended;
use crate::repository::{ENV_FILE, RUNTIME, Repository};
use crate::stand_in::{Call, Daemon, argv};

/// Nothing listens there, on any machine that a test runs on.
const NOWHERE: &str = "localhost:1/base";

/// What is said of one fact.
#[derive(Debug)]
pub struct Diagnosis {
    pub fact: String,
    pub state: String,
    pub text: String,
    pub fix: Option<String>,
    pub needed: bool,
}

/// What is said of every fact.
fn diagnoses(ended: &Ended) -> Vec<Diagnosis> {
    let diagnosis = |line: &str| {
        let json: Value = serde_json::from_str(line).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 5, "{line}");
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        Diagnosis {
            fact: text("fact").unwrap(),
            state: text("state").unwrap(),
            text: text("text").unwrap(),
            fix: text("fix"),
            needed: json["needed"].as_bool().unwrap(),
        }
    };
    ended.out().lines().map(diagnosis).collect()
}

/// What is said of one fact in a repository.
#[track_caller]
pub fn about(repository: &Repository, fact: &str) -> Diagnosis {
    let all = diagnoses(&repository.xtask(["doctor", "--json"]));
    let described = format!("{all:#?}");
    all.into_iter().find(|it| it.fact == fact).unwrap_or_else(|| panic!("nothing of {fact} in {described}"))
}

/// Docker has the base image, so that no network is needed.
fn fit(settings: &str) -> Repository {
    Repository::with_settings(&format!("BASE_IMAGE={NOWHERE}\n{settings}")).image(NOWHERE)
}

/// The last line: its state and text.
fn verdict(ended: &Ended) -> (String, String) {
    let last = diagnoses(ended).pop().unwrap();
    assert_eq!(last.fact, "main job");
    (last.state, last.text)
}

#[track_caller]
fn expect_verdict(repository: &Repository, code: i32, state: &str, text: &str) {
    let ended = repository.xtask(["doctor", "--json"]);
    ended.exits(code).stderr("");
    assert_eq!(verdict(&ended), (state.to_owned(), text.to_owned()));
}

#[test]
fn a_machine_with_docker_is_fit_and_every_fact_has_one_line() {
    let repository = fit("");
    let ended = repository.xtask(["doctor"]);
    ended.exits(0).stderr("");
    ended.stdout_has("ok       docker daemon    28.2.2 on Debian GNU/Linux 13 (trixie)\n");
    ended.stdout_has("ok       docker endpoint  unix:///var/run/docker.sock\n");
    ended.stdout_has("ok       builders         default (docker): linux/amd64\n");
    ended.stdout_has(&format!("ok       base image       `{NOWHERE}` is here\n"));
    ended.stdout_has("warning  registry         localhost:1 is unreachable (");
    assert!(ended.out().ends_with("ok       main job         would run in Docker\n"), "{ended:#?}");
}

#[test]
fn json_tells_the_same() {
    let repository = fit("");
    let text = repository.xtask(["doctor"]);
    let lines: Vec<&str> = text.out().lines().filter(|it| !it.starts_with(' ')).collect();
    let json = diagnoses(repository.xtask(["doctor", "--json"]).exits(0));
    assert_eq!(json.len(), lines.len());
    for (diagnosis, line) in json.iter().zip(lines) {
        assert!(line.starts_with(&diagnosis.state) && line.ends_with(&diagnosis.text), "{line}: {diagnosis:?}");
        assert_eq!(diagnosis.fix.is_none(), diagnosis.state == "ok", "{diagnosis:?}");
    }
    let needed: Vec<&str> = json.iter().filter(|it| it.needed).map(|it| it.fact.as_str()).collect();
    assert_eq!(needed, ["buildx", "compose"]);
}

#[test]
fn nothing_is_written_whatever_is_there() {
    for repository in [fit(""), Repository::fresh().variable("BASE_IMAGE", NOWHERE)] {
        let before = repository.tree();
        repository.xtask(["doctor"]);
        repository.xtask(["doctor", "--dry-run"]);
        assert_eq!(repository.tree(), before);
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    }
}

#[test]
fn a_dry_run_asks_and_tells_the_same() {
    let repository = fit("");
    let told = repository.xtask(["doctor"]);
    repository.xtask(["doctor", "--dry-run"]).exits(0).stdout(told.out());
}

#[test]
fn without_docker_the_job_is_native_unless_docker_is_demanded() {
    let why = "Docker is not installed";
    expect_verdict(&fit("").without("docker"), 0, "ok", &format!("would run natively, because {why}"));
    expect_verdict(&fit("ENGINE=native\n").without("docker"), 0, "ok", "would run natively (ENGINE=native)");
    let text = "cannot run in Docker (ENGINE=docker): missing docker client";
    expect_verdict(&fit("ENGINE=docker\n").without("docker"), 1, "missing", text);
}

#[test]
fn a_daemon_that_cannot_be_used_is_missing() {
    for daemon in [Daemon::Down, Daemon::Denied, Daemon::Old] {
        let repository = fit("ENGINE=docker\n").daemon(daemon);
        let it = about(&repository, "docker daemon");
        assert_eq!((it.state.as_str(), it.needed), ("missing", true), "{it:?}");
        assert!(it.fix.is_some());
        repository.xtask(["doctor"]).exits(1).stdout_has(": missing docker daemon\n");
    }
}

#[test]
fn a_daemon_that_hangs_is_given_up() {
    let it = about(&fit("").daemon(Daemon::Hanging), "docker daemon");
    assert_eq!((it.state.as_str(), it.needed), ("missing", false));
    assert!(it.text.starts_with("the Docker daemon does not answer: no answer within "), "{it:?}");
}

#[test]
fn a_daemon_elsewhere_is_told_and_when_it_is_silent_the_way_back() {
    let repository = fit("").variable("DOCKER_HOST", "ssh://me@server.example.org");
    let it = about(&repository, "docker endpoint");
    assert_eq!((it.state.as_str(), it.fix.as_deref()), ("warning", Some("unset DOCKER_HOST")));
    let it = about(&repository.daemon(Daemon::Down), "docker daemon");
    assert_eq!(it.fix.as_deref(), Some("unset DOCKER_HOST"));
}

#[test]
fn without_an_engine_nothing_runs() {
    let repository = fit("").without("docker").without("uv");
    let text = "cannot run natively, because Docker is not installed: missing uv";
    expect_verdict(&repository, 1, "missing", text);
    let repository = repository.stand_in("python3");
    assert_eq!(about(&repository, "uv").state, "warning");
    repository.xtask(["doctor"]).exits(0);
}

#[test]
fn natively_conda_packages_need_a_python_that_solves_for_them() {
    let asking = || fit("ENGINE=native\n").dependencies("dependencies:\n  - python\n  - mkl\n");
    expect_verdict(&asking(), 1, "missing", "cannot run natively (ENGINE=native): missing conda");
    expect_verdict(&asking().host_python(), 0, "ok", "would run natively (ENGINE=native)");
}

#[test]
fn both_plugins_are_needed() {
    expect_verdict(&fit("").note("no-buildx"), 1, "missing", "cannot run in Docker: missing buildx");
    expect_verdict(&fit("").note("no-compose"), 1, "missing", "cannot run in Docker: missing compose");
}

#[test]
fn an_older_buildx_is_asked_for_its_table() {
    let it = about(&fit("").note("old-buildx"), "builders");
    assert_eq!((it.state.as_str(), it.text.as_str()), ("ok", "default (docker): linux/amd64, linux/386"));
}

#[test]
fn a_base_image_is_here_or_its_registry_answers_or_nothing_needs_it() {
    let settings = format!("BASE_IMAGE={NOWHERE}\n");
    let cut_off = || Repository::with_settings(&settings);
    expect_verdict(&cut_off(), 1, "missing", "cannot run in Docker: missing base image");
    assert!(about(&cut_off(), "base image").fix.unwrap().starts_with("set BASE_IMAGE in "));
    expect_verdict(&cut_off().image(RUNTIME), 0, "ok", "would run in Docker");

    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let registry = listener.local_addr().unwrap();
    let repository = Repository::with_settings(&format!("BASE_IMAGE={registry}/base\n"));
    assert_eq!(about(&repository, "registry").text, registry.to_string());
    repository.xtask(["doctor"]).exits(0);
}

#[test]
fn registries_are_reached_through_the_proxy() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let proxy = format!("http://me:secret@{}", listener.local_addr().unwrap());
    let repository = Repository::with_settings("BASE_IMAGE=registry.example.org/base\n").variable("HTTPS_PROXY", proxy);
    assert_eq!(about(&repository, "registry").text, "registry.example.org, through the proxy");
    repository.xtask(["doctor"]).exits(0).never_says("secret");
}

#[test]
fn the_registry_to_push_to_is_asked_and_not_needed() {
    let repository = fit("REGISTRY_HOSTNAME=127.0.0.1:1\n");
    let ended = repository.xtask(["doctor"]);
    ended.exits(0).stdout_has("warning  registry         127.0.0.1:1 is unreachable (");
    ended.stdout_has("fix: set REGISTRY_HOSTNAME in installation/docker-amd64/.env to a reachable one\n");
}

#[test]
fn inputs_with_errors_are_told_and_do_not_stop_it() {
    let broken = || Repository::with_settings("ENGINE=neither\n").variable("BASE_IMAGE", NOWHERE);
    let it = about(&broken(), "settings");
    assert_eq!((it.state.as_str(), it.fix.as_deref()), ("warning", Some("cargo xtask check")));
    assert!(it.text.contains(ENV_FILE), "{it:?}");
    let it = about(&fit("").dependencies("dependencies: [\n"), "settings");
    assert!(it.text.contains("dependencies/environment.yml"), "{it:?}");
    broken().file("python-project/pyproject.toml", "").xtask(["doctor"]).stdout_has("ok       docker daemon ");
}

#[test]
fn programs_of_this_machine_are_only_asked_for_their_version() {
    let repository = fit("").stand_in("python3");
    repository.xtask(["doctor"]).exits(0);
    assert_eq!(repository.calls("uv"), [argv("--version")]);
    let mut calls = repository.calls("python3");
    calls.sort();
    assert_eq!(calls, [argv("--version"), argv("-m pip --version")]);
}
