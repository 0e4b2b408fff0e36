//! What the tool says of a machine with a real engine.

use crate::support::{Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![
        a_machine_that_runs_these_tests_is_fit,
        a_daemon_where_nobody_listens_is_missing,
        a_daemon_that_never_answers_is_given_up,
    ]
}

/// What `doctor` prints, with its exit code.
fn doctor(suite: &Suite, docker_host: Option<&str>) -> (Option<i32>, String) {
    let mut doctor = suite.repository.xtask(["doctor"]);
    if let Some(address) = docker_host {
        doctor.env("DOCKER_HOST", address);
    }
    let output = doctor.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn line<'a>(text: &'a str, fact: &str) -> &'a str {
    let is_wanted = |it: &&str| it.split_once(' ').is_some_and(|(_, it)| it.trim_start().starts_with(fact));
    text.lines().find(is_wanted).unwrap_or_else(|| panic!("nothing of {fact} in\n{text}"))
}

fn a_machine_that_runs_these_tests_is_fit(suite: &Suite) {
    let (code, text) = doctor(suite, None);
    assert_eq!(code, Some(0), "{text}");
    for fact in ["docker daemon", "buildx", "storage driver", "builders", "main job"] {
        assert!(line(&text, fact).starts_with("ok "), "{text}");
    }
}

fn a_daemon_where_nobody_listens_is_missing(suite: &Suite) {
    let (code, text) = doctor(suite, Some("tcp://127.0.0.1:1"));
    assert_eq!(code, Some(1), "{text}");
    assert!(line(&text, "docker daemon").starts_with("missing "), "{text}");
    assert!(text.contains("fix: unset DOCKER_HOST\n"), "{text}");
}

fn a_daemon_that_never_answers_is_given_up(suite: &Suite) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let (code, text) = doctor(suite, Some(&address));
    assert_eq!(code, Some(1), "{text}");
    assert!(line(&text, "docker daemon").contains("no answer within "), "{text}");
}
