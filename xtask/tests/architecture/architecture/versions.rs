//! Which Rust the dependencies need, and versions written twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{CRATE, metadata};

#[test]
fn no_dependency_needs_a_newer_rust_than_is_promised() {
    let metadata = metadata();
    let nodes: BTreeMap<&str, &Value> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|it| (it["id"].as_str().unwrap(), it)).collect();
    let packages = metadata["packages"].as_array().unwrap();
    let package = |id: &str| packages.iter().find(|it| it["id"] == id).unwrap();
    let ours = packages.iter().find(|it| it["name"] == "xtask").unwrap();
    let promised = version(ours["rust_version"].as_str().expect("the workspace names its `rust-version`"));

    let mut wanted = BTreeSet::new();
    let mut next = vec![ours["id"].as_str().unwrap()];
    while let Some(id) = next.pop() {
        if wanted.insert(id) {
            next.extend(
                nodes[id]["deps"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|it| is_compiled(it))
                    .map(|it| it["pkg"].as_str().unwrap()),
            );
        }
    }
    assert!(wanted.len() > 20, "{wanted:?}");
    for package in wanted.into_iter().map(package) {
        if let Some(needed) = package["rust_version"].as_str() {
            assert!(version(needed) <= promised, "{} needs Rust {needed}", package["id"]);
        }
    }
}

/// Whether a dependency is more than one of tests.
fn is_compiled(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().unwrap().iter().any(|it| it["kind"] != "dev")
}

/// `1.89` and `1.89.0` are the same.
fn version(text: &str) -> [u32; 3] {
    let mut numbers = text.split('.').map(|it| it.parse().unwrap());
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

#[test]
fn what_a_workflow_runs_is_named_by_its_commit_and_its_version() {
    let mut count = 0;
    for entry in fs::read_dir(Path::new(CRATE).join("../.github/workflows")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for action in text.lines().filter_map(|it| it.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            let (_, at) = action.split_once('@').unwrap();
            let (commit, version) = at.split_once(" # v").unwrap_or_else(|| panic!("`{action}` has no version"));
            let is_commit = commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "`{action}` is not named by its commit: a tag can be moved");
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn the_tool_is_compiled_from_the_locked_crates() {
    let config = fs::read_to_string(Path::new(CRATE).join("../.cargo/config.toml")).unwrap();
    assert!(config.contains("xtask = \"run --quiet --locked "), "{config}");
}
