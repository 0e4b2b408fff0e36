//! Locks in the formats of other tools. Other tools themselves read them in `tests/e2e/lock_formats.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::channel::{Channel, Server};
use crate::repository::Repository;
use crate::stand_in::Daemon;

const PACKAGES: &str = "dependencies:\n  - python=3.11\n  - demopkg\n  - demotool\n  - libdemo=1.2\n  - numpy\n";

/// Prints what py-rattler reads in a pixi.lock.
const READ: &str = "
import json, os, sys
from rattler import LockFile
lock = LockFile.from_path(sys.argv[1])
environment = lock.default_environment()
packages = [(platform, package) for platform in lock.platforms() for package in environment.packages(platform)]
print(json.dumps({
    'channels': [str(channel) for channel in environment.channels()],
    'conda': [{**json.loads(package.repo_data_record().to_json()), 'for': str(platform)}
              for platform, package in packages if hasattr(package, 'repo_data_record')],
    'pypi': [[str(platform), package.name, package.location, package.hashes.sha256.hex()]
             for platform, package in packages if not hasattr(package, 'repo_data_record')],
}))
sys.stdout.flush()
os._exit(0)
";

fn served() -> (Channel, Server, Repository) {
    let channel = Channel::made();
    let server = channel.serve();
    let repository = Repository::with_settings("ENGINE=docker\n").conda_solver(&channel).daemon(Daemon::Down);
    (channel, server, repository)
}

fn ask(repository: &Repository, channel: &str) {
    repository.write("dependencies/environment.yml", &format!("channels: [\"{channel}\"]\n{PACKAGES}"));
}

#[expect(clippy::disallowed_methods, reason = "the tests stand outside of the program and its `Runner`")]
fn read_by_rattler(channel: &Channel, file: &Path) -> Value {
    let output = Command::new(channel.python()).args(["-c", READ]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The lines of conda.lock that are packages.
fn locked(repository: &Repository, platform: &str) -> BTreeSet<String> {
    let list = repository.read(&format!("dependencies/lock/{platform}/conda.lock"));
    list.lines().filter(|it| it.contains("://")).map(str::to_owned).collect()
}

fn of<'a>(read: &'a Value, name: &str) -> &'a Value {
    read["conda"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()
}

#[test]
fn pixis_library_reads_the_same_packages_for_each_platform() {
    let (channel, server, repository) = served();
    ask(&repository, &server.url("lab"));
    repository.xtask(["lock", "--platform", "linux/amd64", "--platform", "osx/arm64"]).exits(0);
    let asked = server.requests().len();
    let says = "xtask: wrote `pixi.lock`\n";
    repository.xtask(["lock", "--format", "pixi", "--output", "pixi.lock"]).exits(0).stdout("").stderr(says);
    let asked = server.requests().split_off(asked);
    assert!(
        asked.iter().all(|it| it.contains("/repodata") || it.contains("/shards/")),
        "a package was fetched: {asked:?}"
    );

    let read = read_by_rattler(&channel, &repository.path("pixi.lock"));
    assert_eq!(read["channels"], json!([format!("{}/", server.url("lab"))]));
    for (platform, subdir) in [("linux-amd64", "linux-64"), ("osx-arm64", "osx-arm64")] {
        let of_platform = read["conda"].as_array().unwrap().iter().filter(|it| it["for"] == subdir);
        let line = |it: &Value| format!("{}#sha256:{}", it["url"].as_str().unwrap(), it["sha256"].as_str().unwrap());
        assert_eq!(of_platform.map(line).collect::<BTreeSet<_>>(), locked(&repository, platform));
    }
    let abi = of(&read, "python_abi");
    assert_eq!(
        (&abi["build"], &abi["build_number"], &abi["noarch"]),
        (&json!("8_cp311"), &json!(0), &json!("generic"))
    );
    assert_eq!(abi["constrains"], json!(["python 3.11.* *_cpython"]));
    let numpy = of(&read, "numpy");
    assert_eq!(numpy["depends"][0], "python >=3.11,<3.12.0a0");
    assert_eq!((&numpy["license"], &numpy["purls"]), (&json!("BSD-3-Clause"), &json!(["pkg:pypi/numpy"])));
    assert!(numpy["md5"].is_string() && numpy["size"].is_number() && numpy["timestamp"].is_number(), "{numpy}");
    assert_eq!(of(&read, "demotool")["version"], "1!2.0");

    let printed = repository.xtask(["lock", "--format", "pixi"]);
    printed.exits(0).stdout(&repository.read("pixi.lock")).stderr("");
    let one = repository.xtask(["lock", "--format", "pixi", "--platform", "osx/arm64"]);
    assert!(one.exits(0).out().contains("osx-arm64") && !one.out().contains("linux-64"), "{}", one.out());
}

#[test]
fn conda_lock_gets_the_md5_that_it_knows_packages_by() {
    let (_, server, repository) = served();
    ask(&repository, &server.url("lab"));
    repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let text = repository.xtask(["lock", "--format", "conda-lock"]).exits(0).out().to_owned();
    let read: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let packages = read["package"].as_sequence().unwrap();
    let line = |it: &serde_yaml::Value| {
        format!("{}#sha256:{}", it["url"].as_str().unwrap(), it["hash"]["sha256"].as_str().unwrap())
    };
    assert_eq!(packages.iter().map(line).collect::<BTreeSet<_>>(), locked(&repository, "linux-amd64"));
    assert!(packages.iter().all(|it| it["hash"]["md5"].as_str().is_some_and(|it| it.len() == 32)), "{text}");
    assert_eq!(read["metadata"]["channels"][0]["url"].as_str(), Some(server.url("lab").as_str()));
}

#[test]
fn a_package_that_its_channel_has_no_more_tells_of_itself() {
    let (made, _, repository) = served();
    let lab = repository.path("target/lab");
    for subdir in ["linux-64", "noarch"] {
        fs::create_dir_all(lab.join(subdir)).unwrap();
        for entry in fs::read_dir(made.path("lab").join(subdir)).unwrap().map(|it| it.unwrap().path()) {
            let name = entry.file_name().unwrap();
            if entry.is_file() && (name == "repodata.json" || !name.to_string_lossy().contains("repodata")) {
                fs::copy(&entry, lab.join(subdir).join(name)).unwrap();
            }
        }
    }
    ask(&repository, &format!("file://{}", lab.display()));
    repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let listed = repository.xtask(["lock", "--format", "pixi"]).exits(0).out().to_owned();
    for subdir in ["linux-64", "noarch"] {
        let path = lab.join(subdir).join("repodata.json");
        let mut repodata: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        repodata["packages"] = json!({});
        repodata["packages.conda"] = json!({});
        fs::write(path, repodata.to_string()).unwrap();
    }
    repository.xtask(["lock", "--format", "pixi"]).exits(0).stdout(&listed);

    let steady = fs::read_dir(lab.join("noarch")).unwrap().map(|it| it.unwrap().path());
    let package = steady.into_iter().find(|it| it.to_string_lossy().contains("/demopkg-2.0-")).unwrap();
    fs::write(&package, "another").unwrap();
    repository
        .xtask(["lock", "--format", "pixi"])
        .exits(1)
        .stdout("")
        .stderr_has("expected ")
        .stderr_has("demopkg-2.0-");
}

#[test]
fn only_what_is_locked_can_be_written() {
    let (_, server, repository) = served();
    let format = ["lock", "--format", "conda-lock"];
    repository.xtask(format).exits(1).stderr("error: there is no lock; `cargo xtask lock` makes one\n");
    repository
        .xtask_with(format, ["--platform", "osx/arm64"])
        .exits(1)
        .stderr("error: there is no lock for osx/arm64; `cargo xtask lock --platform osx/arm64` makes one\n");
    repository.xtask_with(format, ["--upgrade"]).exits(2);
    repository.xtask(["lock", "--output", "pixi.lock"]).exits(2).stderr_has("--format <FORMAT>");

    repository.write("dependencies/environment.yml", "dependencies:\n  - python>=3.11\n");
    repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    repository
        .xtask(format)
        .exits(1)
        .stderr_has("the lock for linux/amd64 has no packages of conda's, and conda-lock gets");

    ask(&repository, &server.url("lab"));
    repository.xtask(["lock", "--platform", "linux/amd64"]).exits(0);
    let asked = server.requests().len();
    let says = "xtask (dry run): would write `conda-lock.yml`\n";
    repository.xtask_with(format, ["--output", "conda-lock.yml", "--dry-run"]).exits(0).stdout("").stderr(says);
    assert!(!repository.path("conda-lock.yml").exists());
    assert_eq!(server.requests().len(), asked);

    let repository = repository.variable("CONDA_OFFLINE", "1");
    repository.xtask(format).exits(0);
    fs::remove_dir_all(repository.temp("home/.cache/xtask/conda")).unwrap();
    repository
        .xtask(format)
        .exits(1)
        .stderr_has("xtask: nobody tells what the locked packages of conda are:\n")
        .stderr_has("E0352")
        .stderr_has("build once with a connection");
}
