//! What the tests look at.

mod versions;
mod walls;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

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
