//! Proxies and certificate authorities of the machine: they reach what downloads, and stay out of every argument.

use crate::repository::{RUNTIME, Repository};

/// What `docker buildx build` was given, as one line.
fn build_line(repository: &Repository) -> String {
    repository.xtask(["build"]).exits(0);
    repository.docker_changes()[0].join(" ")
}

#[test]
fn proxies_reach_a_build_by_name_only() {
    let repository = Repository::with_settings("")
        .variable("https_proxy", "http://me:hunter2@proxy:3128")
        .variable("NO_PROXY", "localhost")
        .variable("HTTP_PROXY", "");
    let line = build_line(&repository);
    assert!(line.contains(" --build-arg https_proxy --build-arg NO_PROXY ["), "{line}");
    assert!(!line.contains("HTTP_PROXY") && !line.contains("hunter2"), "{line}");
    let inherited = repository.stand_ins.variable("docker", "https_proxy");
    assert_eq!(inherited.as_deref(), Some("http://me:hunter2@proxy:3128"));
    repository.xtask(["build", "--dry-run"]).exits(0).never_says("hunter2");
    repository.xtask(["build", "--verbose"]).exits(0).never_says("hunter2");
}

#[test]
fn proxies_reach_a_container_by_name_only() {
    let repository = Repository::with_settings("").image(RUNTIME).variable("https_proxy", "http://me:hunter2@proxy");
    repository.xtask(["run", "true"]).exits(0);
    let line = repository.docker_changes()[0].join(" ");
    assert!(line.contains(" --env https_proxy "), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn the_shells_certificates_reach_a_build_as_a_secret() {
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
        let repository = Repository::with_settings("").file("ours.pem", "PEM");
        let path = repository.path("ours.pem").to_str().unwrap().to_owned();
        let line = build_line(&repository.variable(variable, path));
        assert!(line.contains(" --secret id=ca,src=[ROOT]/ours.pem ["), "{line}");
    }
}

#[test]
fn the_settings_certificates_go_first_and_are_seen_from_their_file() {
    let repository = Repository::with_settings("CA_CERTIFICATES=../../lab.pem\n").file("lab.pem", "PEM");
    let other = repository.path("other.pem").to_str().unwrap().to_owned();
    let repository = repository.file("other.pem", "PEM").variable("SSL_CERT_FILE", other);
    let line = build_line(&repository);
    assert!(line.contains(" --secret id=ca,src=[ROOT]/lab.pem ["), "{line}");
}

#[test]
fn certificates_of_the_shell_that_are_gone_stop_nobody() {
    let repository = Repository::with_settings("").variable("SSL_CERT_FILE", "/gone.pem");
    assert!(!build_line(&repository).contains("--secret"));
}

#[test]
fn certificates_whose_path_has_a_comma_reach_a_build() {
    let repository = Repository::with_settings("CA_CERTIFICATES='../../lab, 2026.pem'\n").file("lab, 2026.pem", "PEM");
    repository.xtask(["build"]).exits(0);
    // buildx reads the value as a line of CSV (RFC 4180), as Docker does that of `--mount`.
    let expected = "id=ca,\"src=[ROOT]/lab, 2026.pem\"".to_owned();
    let call = &repository.docker_changes()[0];
    assert!(call.contains(&expected), "{call:?}");
}

#[test]
fn certificates_that_no_build_takes_are_refused_before_it_starts() {
    let largest = "x".repeat(500 * 1024);
    let repository = Repository::with_settings("CA_CERTIFICATES=../../ours.pem\n").file("ours.pem", &largest);
    repository.xtask(["build"]).exits(0);

    repository.stand_ins.forget();
    repository.write("ours.pem", &format!("{largest}x"));
    let expected = "error: the certificate authorities in `[ROOT]/ours.pem` are 512001 bytes, but a build takes no more \
                    than 512000; set CA_CERTIFICATES to a file with only those that your network adds\n";
    repository.xtask(["build", "--force"]).exits(1).stdout("").stderr(expected);
    assert!(repository.docker_changes().is_empty());
}

#[test]
fn certificates_are_mounted_in_a_container_and_named_to_every_program() {
    let repository =
        Repository::with_settings("CA_CERTIFICATES=../../ours.pem\n").file("ours.pem", "PEM").image(RUNTIME);
    repository.xtask(["run", "true"]).exits(0);
    let line = repository.docker_changes()[0].join(" ");
    let inside = "/run/host-ca-certificates.pem";
    assert!(line.contains(&format!(" --mount type=bind,source=[ROOT]/ours.pem,target={inside},readonly ")), "{line}");
    for name in
        ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CONDA_SSL_VERIFY"]
    {
        assert!(line.contains(&format!(" --env {name}={inside} ")), "{name} in {line}");
    }
}

#[test]
fn certificates_reach_what_uv_downloads() {
    let repository =
        Repository::with_settings("ENGINE=native\nCA_CERTIFICATES=../../ours.pem\n").file("ours.pem", "PEM");
    repository.xtask(["build"]).exits(0);
    let path = repository.path("ours.pem").to_str().map(str::to_owned);
    assert_eq!(repository.stand_ins.variable("uv", "SSL_CERT_FILE"), path);
}
