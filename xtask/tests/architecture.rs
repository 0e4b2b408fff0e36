//! The walls of the house: which module may use which, which Rust the dependencies need, and versions written twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// The modules from top to bottom. A module may use those in the lines below its own, and none in its own line.
///
/// `commands` stand above `cli` because they give its types what they do; `cli` itself knows nothing of them.
const LAYERS: [&[&str]; 17] = [
    &["main"],
    &["commands"],
    &["cli"],
    &["bench", "doctor"],
    &["provision"],
    // Of the tests alone.
    &["properties"],
    &["inputs"],
    &["context"],
    &["docker", "native"],
    &["image"],
    &["environment", "installation"],
    &["project"],
    &["outcome"],
    &["yaml"],
    &["process", "diagnostics", "system", "journal"],
    &["fs"],
    &["ui"],
];

/// Every source file, with its module at the top of the crate and its text.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(CRATE).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let module = |path: &Path| {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        Path::new(first.as_os_str()).file_stem().unwrap().to_str().unwrap().to_owned()
    };
    files.into_iter().map(|path| (path.clone(), module(&path), fs::read_to_string(&path).unwrap())).collect()
}

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

/// The modules that a text names behind `crate::`, in `use` lines and elsewhere, comments aside.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|it| !it.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let heads = |rest: &str| -> Vec<String> {
        match rest.strip_prefix('{') {
            // The first word of each branch of `crate::{a, b::{c, d}}`.
            Some(group) => {
                branches(group).iter().map(|it| it.chars().take_while(|it| is_word(*it)).collect()).collect()
            }
            None => vec![rest.chars().take_while(|it| is_word(*it)).collect()],
        }
    };
    code.split("crate::").skip(1).flat_map(heads).collect()
}

fn branches(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut branches) = (0, 0, Vec::new());
    for (index, character) in group.char_indices() {
        match (character, depth) {
            ('{', _) => depth += 1,
            ('}' | ',', 0) => {
                branches.push(group[start..index].trim());
                start = index + 1;
                if character == '}' {
                    break;
                }
            }
            ('}', _) => depth -= 1,
            _ => {}
        }
    }
    branches
}

fn layer(module: &str) -> usize {
    let layer = LAYERS.iter().position(|it| it.contains(&module));
    layer.unwrap_or_else(|| panic!("the module `{module}` has no place in LAYERS"))
}

#[test]
fn a_module_uses_only_what_stands_below_it() {
    let mut wrong = Vec::new();
    let mut found = 0;
    for (path, module, text) in sources() {
        for used in used_modules(&text).into_iter().filter(|it| *it != module) {
            found += 1;
            if layer(&module) >= layer(&used) {
                wrong.push(format!("{}: `{module}` uses `{used}`", path.strip_prefix(CRATE).unwrap().display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(found > 50, "only {found} uses were found: the test no longer reads them");
}

#[test]
fn every_module_of_the_crate_has_its_place() {
    let modules: BTreeSet<String> = sources().into_iter().map(|(_, module, _)| module).collect();
    let placed: BTreeSet<String> = LAYERS.iter().flat_map(|it| *it).map(|it| (*it).to_owned()).collect();
    assert_eq!(modules, placed);
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
fn the_reader_of_use_lines_sees_every_form() {
    let text =
        "use crate::fs;\nuse crate::{ui::Ui, process::{self, Exit}};\n// crate::not\nfn f() { crate::image::x() }\n";
    assert_eq!(used_modules(text), BTreeSet::from(["fs", "ui", "process", "image"].map(str::to_owned)));
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
    let (dockerfile, tools) = (read("../installation/docker-amd64/Dockerfile"), read("src/native/tools.rs"));
    let in_images: Vec<&str> = dockerfile.lines().filter_map(|it| it.strip_prefix("ARG UV_VERSION=")).collect();
    let natively = tools.lines().find_map(|it| it.strip_prefix("pub const UV_VERSION: &str = \"")?.strip_suffix("\";"));
    assert_eq!(in_images, [natively.unwrap()]);
}
