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
fn uv_is_the_same_in_images_and_natively() {
    let read = |path: &str| fs::read_to_string(Path::new(CRATE).join(path)).unwrap();
    let (dockerfile, tools) = (read("../installation/docker-amd64/Dockerfile"), read("crates/prefixes/src/uv.rs"));
    let in_images: Vec<&str> = dockerfile.lines().filter_map(|it| it.strip_prefix("ARG UV_VERSION=")).collect();
    let natively = tools.lines().find_map(|it| it.strip_prefix("pub const UV_VERSION: &str = \"")?.strip_suffix("\";"));
    assert_eq!(in_images, [natively.unwrap()]);
}
