//! An environment as a test wants it: what the probe tells of it, and what an index tells uv of its packages.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::repository::Repository;

/// The platform of containers on this machine.
pub const PLATFORM: &str = if cfg!(target_arch = "aarch64") { "linux/arm64" } else { "linux/amd64" };

/// The folder of its lock.
pub const LOCK: &str =
    if cfg!(target_arch = "aarch64") { "dependencies/lock/linux-arm64" } else { "dependencies/lock/linux-amd64" };

/// What stands for the environment's Python in a container.
pub const PROBE: &str = "cat \"$state/snapshot\"";

/// Has every environment hold Python distributions, each given as `NAME VERSION` and the names of what it needs.
pub fn install(repository: &Repository, distributions: &[&str]) {
    repository.stand_ins.note("snapshot", &snapshot(distributions).to_string());
    repository.stand_ins.note("container", PROBE);
    offer(repository, distributions);
}

/// What the probe prints in such an environment.
pub fn snapshot(distributions: &[&str]) -> Value {
    json!({
        "format": 1,
        "platform": {"system": "Linux", "machine": std::env::consts::ARCH, "libc": "glibc 2.36"},
        "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env", "markers": {}},
        "conda": [],
        "distributions": distributions.iter().map(|it| distribution(it)).collect::<Vec<_>>(),
    })
}

/// Has the index know these distributions.
pub fn offer(repository: &Repository, distributions: &[&str]) {
    let entry = |it: &&str| {
        let [name, version, ..] = words(it)[..] else { panic!("`{it}` is no name and version") };
        format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\n\
             wheels = [{{ url = \"https://e.org/{name}-{version}.whl\", hashes = {{ sha256 = \"00\" }} }}]\n"
        )
    };
    let entries: String = distributions.iter().map(entry).collect();
    repository.stand_ins.note("pylock", &format!("lock-version = \"1.0\"\ncreated-by = \"uv\"\n{entries}"));
}

/// Makes the prefix in the repository one whose Python tells what is installed.
pub fn put_prefix(repository: &Repository) {
    let python = repository.path(".venv/bin/python");
    _ = fs::remove_file(&python);
    let script = format!("#!/bin/sh\nexec cat '{}'\n", repository.temp("state/snapshot").display());
    repository.write(".venv/bin/python", &script);
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn distribution(text: &str) -> Value {
    let [name, version, needs @ ..] = &words(text)[..] else { panic!("`{text}` is no name and version") };
    json!({"name": name, "version": version, "installer": "uv", "requires": needs})
}

/// What uv was asked to solve on this machine.
pub fn asked_of_uv(repository: &Repository) -> String {
    repository.read(&format!("target/xtask/solve/{}/pip/requirements.txt", PLATFORM.replace('/', "-")))
}
