//! A dev container with JupyterLab.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::support::docker;
use crate::support::{DevContainer, Repository, Subject, Suite, trials, wait_for};

pub fn trials() -> Subject {
    trials![answers_who_has_the_token, says_which_package_is_missing]
}

fn answers_who_has_the_token(suite: &Suite) {
    let (repository, _turn) = suite.building("jupyter");
    repository.edit("dependencies/environment.yml", |it| it + "      - jupyterlab\n");
    repository.build("dev");
    let container = DevContainer::of_caller(repository, "jupyter");
    let url = container.xtask(&["up", "--jupyter"]).assert().success().get_output().stdout.clone();
    let url = String::from_utf8(url).unwrap();
    let start = format!("http://127.0.0.1:{}/lab?token=", container.port);
    let token = url.trim_end().strip_prefix(&start).unwrap_or_else(|| panic!("{url}"));

    let (status, body) = get(container.port, "/api/contents", Some(token));
    assert_eq!(status, 200, "{body}");
    let contents: Value = serde_json::from_str(&body).unwrap();
    let names: Vec<&str> =
        contents["content"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert!(names.contains(&"python-project"), "{names:?}");

    assert_eq!(get(container.port, "/api/contents", None).0, 403);
    assert_eq!(get(container.port, "/api/contents", Some("wrong")).0, 403);
}

fn says_which_package_is_missing(suite: &Suite) {
    let names_it = |text: &str| {
        assert!(text.contains("- jupyterlab") && text.contains("dependencies/environment.yml"), "{text}");
    };
    let repository = Repository::copy_with_images_of(&suite.repository);
    let container = DevContainer::of_caller(repository, "jupyter-missing");
    let error = container.xtask(&["up", "--jupyter"]).assert().code(1).get_output().stderr.clone();
    names_it(&String::from_utf8_lossy(&error));
    assert!(!docker::has_container(&container.name()), "a container was made for nothing");

    // Without cargo it is the container that says so.
    let repository = Repository::copy_with_images_of(&suite.repository);
    let container = DevContainer::new(repository, "jupyter-by-hand", &["jupyter"]);
    container.create();
    names_it(&wait_for("the reason in the log", || Some(container.log()).filter(|it| it.contains("jupyter-server:"))));
}

/// The status and the body of an answer.
fn get(port: u16, path: &str, token: Option<&str>) -> (u16, String) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let authorization = token.map(|it| format!("Authorization: token {it}\r\n")).unwrap_or_default();
    write!(server, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n{authorization}\r\n").unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
