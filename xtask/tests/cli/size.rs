//! `cargo xtask size`

use std::fs;
use std::process::Command;

use crate::repository::{RUNTIME, Repository};
use crate::stand_in::Daemon;

/// As `docker history` describes an image of three layers.
const HISTORY: &str = r#"{"CreatedBy":"CMD [\"python\"]","Size":"0"}
{"CreatedBy":"WORKDIR /opt/project","Size":"0"}
{"CreatedBy":"COPY /opt/env /opt/env # buildkit","Size":"233236623"}
{"CreatedBy":"","Size":"130474918"}
"#;

/// An image that the engine describes.
fn described() -> Repository {
    let repository = Repository::with_settings("").image(RUNTIME);
    repository.stand_ins.note("history", HISTORY);
    repository.stand_ins.note("layers", "3");
    repository
}

/// The engine's part of the report.
fn layers() -> String {
    format!(
        "{RUNTIME}: 363.7 MB in 3 layers\n\n   1   130.5 MB  (unknown)\n   2   233.2 MB  COPY /opt/env /opt/env\n   \
         3        0 B  WORKDIR /opt/project\n"
    )
}

/// What a container lists of itself: a package with its bytecode, one of apt's, and files of nobody.
fn list(repository: &Repository) {
    let site = "opt/env/lib/python3.11/site-packages";
    let record = format!("{site}/tqdm-4.1.dist-info/RECORD");
    let apt = "var/lib/dpkg/info/tini.list";
    for (path, text) in [(&*record, "tqdm/__init__.py,sha256=x,7\n"), (apt, "/.\n/bin\n/bin/tini\n")] {
        let path = repository.temp("seen").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut listing = Vec::new();
    for (description, link) in [
        (format!("f\t2000000\t1\t1\t{site}/tqdm/__init__.py"), ""),
        (format!("f\t500000\t1\t2\t{site}/tqdm/__pycache__/__init__.cpython-311.pyc"), ""),
        ("l\t7\t1\t3\tbin".to_owned(), "usr/bin"),
        ("f\t1000000\t2\t4\tusr/bin/tini".to_owned(), ""),
        ("f\t1000000\t2\t4\tusr/bin/tini-static".to_owned(), ""),
        ("f\t9000000\t1\t5\topt/model".to_owned(), ""),
    ] {
        listing.extend([description.as_bytes(), b"\0", link.as_bytes(), b"\0"].concat());
    }
    listing.push(0);
    let mut tar = Command::new("tar");
    let tar = tar.arg("--create").arg("--directory").arg(repository.temp("seen")).args([&*record, apt]);
    listing.extend(tar.output().unwrap().stdout);
    fs::write(repository.temp("state/listing"), listing).unwrap();
}

#[test]
fn the_engine_tells_the_layers_and_a_container_the_packages() {
    let repository = described().container("cat \"$state/listing\"");
    list(&repository);
    let expected = format!("{}\n         2.5 MB  tqdm 4.1 (Python)\n         1.0 MB  tini (apt)\n", layers());
    repository.xtask(["size"]).exits(0).stdout(&expected).stderr("");
    assert!(repository.docker_calls().iter().all(|it| it[0] != "save"), "no layer is read");
}

#[test]
fn an_image_that_cannot_be_started_here_has_its_layers_told() {
    let repository = described().container("echo 'exec format error' >&2; exit 1");
    let ended = repository.xtask(["size"]);
    ended.exits(0).stdout(&layers());
    ended.stderr_has(&format!("xtask: warning: the packages are not shown, because `{RUNTIME}` cannot list them: "));
}

#[test]
fn without_an_image_it_names_the_command_that_builds_it() {
    let expected = format!("error: `{RUNTIME}` has not been built yet: `cargo xtask build runtime`\n");
    Repository::with_settings("").xtask(["size"]).exits(1).stdout("").stderr(&expected);
}

#[test]
fn without_docker_there_is_nothing_to_measure() {
    let repository = Repository::with_settings("").daemon(Daemon::Down);
    repository.xtask(["size"]).exits(1).stdout("").stderr_has("error: `size` needs Docker");
}

#[test]
fn a_limit_needs_its_unit() {
    let repository = Repository::with_settings("");
    repository.xtask(["size", "--max", "2"]).exits(2).stderr_has("MiB or GiB, such as `2GiB`");
    repository.xtask(["size", "--max", "2gb"]).exits(2);
    assert!(repository.docker_calls().is_empty());
}
