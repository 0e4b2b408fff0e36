//! Who may use whom.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{CRATE, collect, metadata};

/// The rooms from the highest to the lowest. A crate may depend on those in the lines below its own, and on none in its own
/// line or above.
const ROOMS: [&[&str]; 14] = [
    &["xtask"],
    &["bench", "doctor", "fuzz"],
    &["properties"],
    &["locking"],
    &["bundle", "containers"],
    &["images", "prefixes"],
    &["jobs", "scaffold", "solving"],
    &["inputs"],
    &["docker", "materials"],
    &["environment"],
    &["project"],
    &["specs", "installation"],
    &["report"],
    &["process"],
];

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
