//! The walls of the house: which crate may use which, which Rust the dependencies need, and versions written twice.

#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// The rooms from the highest to the lowest. A crate may depend on those in the lines below its own, and on none in its own
/// line or above.
const ROOMS: [&[&str]; 12] = [
    &["xtask"],
    &["bench", "doctor", "fuzz"],
    &["properties"],
    &["locking"],
    &["containers"],
    &["images", "prefixes"],
    &["inputs"],
    &["docker"],
    &["environment"],
    &["project"],
    &["specs", "installation"],
    &["report", "process"],
];

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}

fn floor(room: &str) -> usize {
    let floor = ROOMS.iter().position(|it| it.contains(&room));
    floor.unwrap_or_else(|| panic!("the crate `{room}` has no place in ROOMS"))
}

#[test]
fn a_crate_depends_only_on_what_stands_below_it() {
    let metadata = metadata();
    let ours: Vec<&Value> =
        metadata["packages"].as_array().unwrap().iter().filter(|it| it["source"].is_null()).collect();
    let names: BTreeSet<&str> = ours.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let placed: BTreeSet<&str> = ROOMS.iter().flat_map(|it| *it).copied().collect();
    assert_eq!(names, placed);
    let mut wrong = Vec::new();
    for package in ours {
        let name = package["name"].as_str().unwrap();
        let is_wrong = |used: &&str| placed.contains(used) && floor(name) >= floor(used);
        let used = package["dependencies"].as_array().unwrap().iter().filter(|it| it["kind"].is_null());
        let used = used.map(|it| it["name"].as_str().unwrap()).filter(is_wrong);
        wrong.extend(used.map(|it| format!("`{name}` uses `{it}`")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn commands_never_use_each_other() {
    let directory = Path::new(CRATE).join("src/commands");
    let mut files = Vec::new();
    collect(&directory, &mut files);
    let name = |it: &Path| it.file_stem().unwrap().to_str().unwrap().to_owned();
    let names: Vec<String> = files.iter().map(|it| name(it)).filter(|it| it != "mod").collect();
    assert!(names.len() > 3, "{names:?}");
    for file in files.iter().filter(|it| name(it) != "mod") {
        let text = fs::read_to_string(file).unwrap();
        assert!(!text.contains("super::") && !text.contains("crate::commands"), "{}", file.display());
    }
}

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

/// What cargo knows of the packages for this machine; for other platforms it need not have fetched them.
fn metadata() -> Value {
    let output = |program: &str, arguments: &[&str]| {
        let output = assert_cmd::Command::new(program).args(arguments).current_dir(CRATE).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let version = output("rustc", &["--version", "--verbose"]);
    let host = version.lines().find_map(|it| it.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host];
    serde_json::from_str(&output(env!("CARGO"), &arguments)).unwrap()
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
