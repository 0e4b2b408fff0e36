//! The walls of the house: which crate may use which, names that stand once, comments that say something, which Rust the
//! dependencies need, and versions written twice.

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

/// Every source file of the workspace, tests aside, with its path below `xtask/`.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for directory in ["src", "crates"] {
        collect(&Path::new(CRATE).join(directory), &mut files);
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(CRATE).unwrap().to_owned(), text)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_crate_says_in_a_paragraph_what_is_in_it() {
    let is_root = |path: &Path| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let roots: Vec<_> = sources().into_iter().filter(|(path, _)| is_root(path)).collect();
    assert!(roots.len() > 10, "{roots:?}");
    for (path, text) in roots {
        let comment: Vec<&str> = text.lines().map_while(|it| it.strip_prefix("//!")).collect();
        let words = comment.iter().flat_map(|it| it.split_whitespace()).count();
        assert!(words >= 20 || path.starts_with("src"), "{}: {comment:?}", path.display());
    }
}

/// The name that a line declares a public type by.
fn public_type(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let rest = ["struct ", "enum ", "trait ", "type ", "union "].iter().find_map(|it| rest.strip_prefix(it))?;
    Some(rest.split(|it: char| !it.is_alphanumeric()).next().unwrap())
}

#[test]
fn a_public_type_name_stands_once_in_the_workspace() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in sources() {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = public_type(line) {
                places.entry(name.to_owned()).or_default().push(format!("{}:{number}", path.display()));
            }
        }
    }
    assert!(places.len() > 150, "only {} types were found: the test no longer reads them", places.len());
    places.retain(|_, it| it.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

/// Words that carry nothing by themselves.
const EMPTY_WORDS: [&str; 60] = [
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "do", "does", "done", "each",
    "every", "for", "from", "gives", "has", "have", "here", "how", "if", "in", "is", "it", "its", "itself", "kind",
    "may", "not", "of", "on", "one", "or", "other", "others", "says", "shall", "so", "some", "such", "that", "the",
    "their", "them", "there", "they", "thing", "this", "those", "to", "was", "what", "where", "which", "who", "with",
];

/// Whether a comment says no more than the name of the item that it is on.
fn says_nothing(comment: &str, item: &str) -> bool {
    if comment.contains(['`', '<', '[']) {
        return false;
    }
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let mut snake = String::new();
    for character in item.chars() {
        if character.is_uppercase() {
            snake.push('_');
        }
        snake.push(character);
    }
    let in_name = words(&snake);
    let comment = words(comment);
    let is_in_name = |word: &str| in_name.iter().any(|it| it.starts_with(word) || word.starts_with(it.as_str()));
    let new = comment.iter().filter(|it| !EMPTY_WORDS.contains(&it.as_str()) && !is_in_name(it)).count();
    new == 0
}

/// The name of the item that a line declares, if it does.
fn declared(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for prefix in ["pub(super) ", "pub(crate) ", "pub ", "const ", "async ", "unsafe ", "mut ", "static "] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    for keyword in ["fn ", "struct ", "enum ", "trait ", "type ", "mod "] {
        rest = rest.strip_prefix(keyword).unwrap_or(rest);
    }
    let name = rest.split(|it: char| !it.is_alphanumeric() && it != '_').next().unwrap();
    (!name.is_empty()).then_some(name)
}

#[test]
fn a_doc_comment_says_what_the_name_does_not() {
    let (mut empty, mut found) = (Vec::new(), 0);
    for (path, text) in sources() {
        let (mut comment, mut start) = (String::new(), 0);
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(more) = line.trim_start().strip_prefix("///") {
                start = if comment.is_empty() { number } else { start };
                comment += more;
                comment.push(' ');
            } else if !comment.is_empty() && !line.trim_start().starts_with("#[") {
                found += 1;
                let item = declared(line).unwrap_or_default();
                if says_nothing(&comment, item) {
                    empty.push(format!("{}:{start}: `{item}`:{}", path.display(), comment.trim_end()));
                }
                comment.clear();
            }
        }
    }
    assert!(found > 500, "only {found} comments were found: the test no longer reads them");
    assert!(empty.is_empty(), "{} comments say nothing:\n{}", empty.len(), empty.join("\n"));
}

#[test]
fn a_comment_that_repeats_the_name_is_told_from_one_that_says_something() {
    for (comment, item) in [
        ("What it is.", "Kind"),
        ("Its name.", "name"),
        ("The text.", "text"),
        ("By a recipe.", "recipe"),
        ("Those of an image.", "images"),
    ] {
        assert!(says_nothing(comment, item), "{comment} {item}");
    }
    for (comment, item) in [
        ("In bytes, compressed.", "size"),
        ("Empty for this machine's platform.", "platforms"),
        ("`docker push`.", "invocation"),
    ] {
        assert!(!says_nothing(comment, item), "{comment} {item}");
    }
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
