//! Freezing the prefix in the repository.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::repository::Repository;

#[test]
fn what_was_frozen_is_not_made_anew() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository.xtask(["build"]).exits(0);
    let distributions = [("tqdm", "4.67.1"), ("by-hand", "1.0")];
    let distributions =
        distributions.map(|(name, version)| json!({"name": name, "version": version, "installer": "uv"}));
    let snapshot = json!({
        "format": 1,
        "platform": {"system": "Linux", "machine": "x86_64", "libc": "glibc 2.36"},
        "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/e", "markers": {}},
        "distributions": distributions,
    });
    repository.stand_ins.note("snapshot", &snapshot.to_string());
    let python = repository.path(".venv/bin/python");
    fs::remove_file(&python).unwrap();
    repository
        .write(".venv/bin/python", &format!("#!/bin/sh\ncat '{}'\n", repository.temp("state/snapshot").display()));
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    let wheel = |name: &str, version: &str| {
        format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\n\
             wheels = [{{ url = \"https://e.org/{name}.whl\", hashes = {{ sha256 = \"00\" }} }}]\n"
        )
    };
    let pylock = format!("lock-version = \"1.0\"\n{}{}", wheel("tqdm", "4.67.1"), wheel("by-hand", "1.0"));
    repository.stand_ins.note("pylock", &pylock);
    repository.xtask(["freeze"]).exits(0);

    repository.stand_ins.forget();
    let ended = repository.xtask(["build"]);
    ended.exits(0).stderr("xtask: `.venv` is what is asked for\n");
    assert!(repository.calls("uv").is_empty(), "nothing is installed again");
}
