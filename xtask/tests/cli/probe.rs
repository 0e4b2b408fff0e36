//! The program that reads a live environment, run by a real Python on environments with odd things in them.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

const PROBE: &str = include_str!("../../crates/environment/src/snapshot/probe.py");

/// A virtual environment with nothing in it.
struct Environment {
    directory: tempfile::TempDir,
    site_packages: PathBuf,
}

impl Environment {
    fn new() -> Self {
        Self::in_folder("")
    }

    /// One whose path ends with some text.
    fn in_folder(end: &str) -> Self {
        let directory = tempfile::Builder::new().suffix(end).tempdir().unwrap();
        Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(directory.path()).assert().success();
        let python = fs::read_dir(directory.path().join("lib")).unwrap().next().unwrap().unwrap().path();
        Self { site_packages: python.join("site-packages"), directory }
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    /// A file of a distribution's own folder.
    fn metadata(&self, folder: &str, file: &str, contents: impl AsRef<[u8]>) {
        let folder = self.site_packages.strip_prefix(self.directory.path()).unwrap().join(folder);
        self.write(folder.join(file).to_str().unwrap(), contents);
    }

    /// What conda knows of a package that has brought a distribution.
    fn record(&self, name: &str, version: &str, distribution: &str) {
        let file = format!("lib/python3.12/site-packages/{distribution}.dist-info/METADATA");
        let record = json!({
            "name": name, "version": version, "build": "0", "files": ["lib/x.so", file], "requested_spec": "None",
            "depends": ["python"],
        });
        self.write(&format!("conda-meta/{name}-{version}-0.json"), record.to_string());
    }

    fn probe(&self, arguments: &[&str]) -> Value {
        let output = Command::new(self.directory.path().join("bin/python"))
            .args(["-I", "-c", PROBE])
            .args(arguments)
            .env("PYTHONPATH", self.directory.path().join("elsewhere"))
            .output()
            .unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// The distributions, as `name version installer`.
fn listed(snapshot: &Value) -> Vec<String> {
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or("-").to_owned();
    let distributions = snapshot["distributions"].as_array().unwrap();
    distributions.iter().map(|it| ["name", "version", "installer"].map(|key| text(it, key)).join(" ")).collect()
}

fn problems(snapshot: &Value) -> Vec<String> {
    let file = |it: &Value| Path::new(it["path"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
    let problems = snapshot["problems"].as_array().unwrap();
    problems.iter().map(|it| format!("{}: {}", file(it), it["message"].as_str().unwrap())).collect()
}

#[test]
fn each_distribution_of_the_environment_is_told_and_no_other() {
    let environment = Environment::new();
    environment.metadata(
        "Foo_Bar-1.0.dist-info",
        "METADATA",
        "Name: Foo.Bar\r\nVersion: 1.0+cpu\nLicense: MIT\n        \n  \u{c}Copyright\nRequires-Dist: a>=1;\n python_version<'3'\n\
         Provides-Extra: x\n\nName: other\n",
    );
    environment.metadata("Foo_Bar-1.0.dist-info", "INSTALLER", "uv\n");
    let origin = json!({"url": "file:///src", "dir_info": {"editable": true}});
    environment.metadata("Foo_Bar-1.0.dist-info", "direct_url.json", origin.to_string());
    environment.metadata("old.egg-info", "PKG-INFO", "Name: old\nVersion: 2\n");
    environment.metadata("old.egg-info", "requires.txt", "six\n\n[x:os_name=='nt']\nwin\n");
    environment.write("elsewhere/evil-1.dist-info/METADATA", "Name: evil\nVersion: 1\n");
    environment.metadata("~oo-1.dist-info", "METADATA", "Name: removed\nVersion: 1\n");

    let snapshot = environment.probe(&[]);
    assert_eq!(listed(&snapshot), ["Foo.Bar 1.0+cpu uv", "old 2 -"]);
    assert_eq!(snapshot["distributions"][0]["requires"], json!(["a>=1; python_version<'3'"]));
    assert_eq!(snapshot["distributions"][0]["extras"], json!(["x"]));
    assert_eq!(snapshot["distributions"][0]["direct_url"], origin);
    assert_eq!(snapshot["distributions"][1]["requires"], json!(["six", "win; (os_name=='nt') and extra == \"x\""]));
    assert_eq!(snapshot["interpreter"]["prefix"].as_str(), environment.directory.path().to_str());
    assert!(problems(&snapshot).is_empty());
}

#[test]
fn what_is_broken_is_told_and_left_out() {
    let environment = Environment::new();
    environment.metadata("empty-1.dist-info", "RECORD", "");
    environment.metadata("nameless-1.dist-info", "METADATA", "Version: 1\n\n");
    environment.metadata("latin-1.dist-info", "METADATA", b"Name: latin\nAuthor: Ren\xe9\nVersion: 1\n");
    environment.metadata("latin-1.dist-info", "direct_url.json", "{");
    environment.write("conda-meta/broken-1-0.json", "{");
    environment.write("conda-meta/history", "==> 2026-01-01 <==\n");

    let snapshot = environment.probe(&[]);
    assert_eq!(listed(&snapshot), ["latin 1 -"]);
    let problems = problems(&snapshot).join("\n");
    for expected in [
        "broken-1-0.json: not a record",
        "empty-1.dist-info: a distribution without metadata",
        "nameless-1.dist-info: metadata without a name",
        "direct_url.json: ",
    ] {
        assert!(problems.contains(expected), "{expected} in {problems}");
    }
}

#[test]
fn what_conda_brought_is_told_apart_from_what_pip_did() {
    let environment = Environment::new();
    for (distribution, installer) in [("numpy-1.26.4", "conda"), ("torch-2.5.1", "pip"), ("rich-14.0", "pip")] {
        let (name, version) = distribution.split_once('-').unwrap();
        let folder = format!("{distribution}.dist-info");
        environment.metadata(&folder, "METADATA", format!("Name: {name}\nVersion: {version}\n"));
        environment.metadata(&folder, "INSTALLER", installer);
        environment.metadata(&folder, "direct_url.json", json!({"url": "file:///build", "dir_info": {}}).to_string());
    }
    environment.record("numpy", "1.26.4", "numpy-1.26.4");
    environment.record("pytorch", "2.5.1", "torch-2.5.1");

    let snapshot = environment.probe(&[]);
    assert_eq!(listed(&snapshot), ["numpy 1.26.4 conda", "rich 14.0 pip", "torch 2.5.1 conda"]);
    assert_eq!(
        snapshot["distributions"][2]["direct_url"],
        Value::Null,
        "where conda's own was built means nothing here"
    );
    assert_eq!(snapshot["conda"][1]["metadata"], json!(["torch-2.5.1"]));
    assert_eq!(snapshot["conda"][1]["requested"], json!([]));
    assert_eq!(snapshot["conda"][1]["depends"], json!(["python"]));
}

#[test]
fn what_pip_put_over_condas_counts() {
    let environment = Environment::new();
    for (distribution, installer) in [("numpy-1.26.4", "conda"), ("numpy-2.0.1", "pip")] {
        let folder = format!("{distribution}.dist-info");
        environment.metadata(
            &folder,
            "METADATA",
            distribution.replace('-', "\nVersion: ").replace("numpy", "Name: numpy"),
        );
        environment.metadata(&folder, "INSTALLER", installer);
    }
    environment.record("numpy", "1.26.4", "numpy-1.26.4");
    assert_eq!(listed(&environment.probe(&[])), ["numpy 2.0.1 pip"]);
}

#[test]
fn the_files_of_a_distribution_are_told_as_they_are_now_wherever_it_is_installed() {
    let environment = Environment::new();
    environment.metadata("a-1.dist-info", "METADATA", "Name: a\nVersion: 1\n");
    let record = "a.py,sha256=of-before,1\nb.py,sha256=WJG1tSLV3whtD_CxEPvZ0hu0_HFjrzTQgoai6Eb2vgM,6\n\
                  a/gone.py,sha256=x,1\n__pycache__/a.pyc,,\n../../../bin/a,sha256=x,1\n\
                  a-1.dist-info/INSTALLER,sha256=x,1\n";
    environment.metadata("a-1.dist-info", "RECORD", record);
    environment.metadata("", "a.py", "hello\n");
    environment.metadata("", "b.py", "hello\n");
    environment.metadata("__pycache__", "a.pyc", "");
    environment.write("bin/a", "#!/usr/bin/env python\n");

    let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    let distribution = &environment.probe(&["--files"])["distributions"][0];
    assert_eq!(distribution["files"], json!({"a.py": digest, "b.py": digest}));
    assert_eq!(distribution["edited"], json!(["a.py"]));
    assert_eq!(environment.probe(&[])["distributions"][0]["files"], Value::Null);
}

/// The record of a package whose files have the prefix in them, and the files, as conda installs them.
fn install_with_prefixes(environment: &Environment) {
    let prefix = environment.directory.path().to_str().unwrap();
    let placeholder = "/built/in/a/place/whose/path/is/long/enough/for/that/of/any/environment".repeat(4);
    let filling = "\0".repeat(placeholder.len() - prefix.len());
    environment.write("lib/plain.so", "plain\n");
    environment.write("lib/library.so", format!("\x7fELF\0{prefix}/lib:/usr/lib{filling}\0rest"));
    environment.write("share/where.txt", format!("is in {prefix}/share\n"));
    environment.write("bin/tool", format!("#!{prefix}/bin/python\nprint()\n"));
    environment.write("lib/__pycache__/a.pyc", prefix);
    let links = environment.directory.path().join("lib");
    std::os::unix::fs::symlink(format!("{prefix}/lib/plain.so"), links.join("link.so")).unwrap();
    // Of "plain" and a line's end.
    let digest = "dacf36547c7774a0a170806363b5d412991fbc0d6260b2c00b1d3a80a816c23f";
    let paths = json!([
        {"_path": "lib/plain.so", "path_type": "hardlink", "sha256": digest},
        {"_path": "lib/library.so", "path_type": "hardlink", "file_mode": "binary", "prefix_placeholder": placeholder},
        {"_path": "share/where.txt", "path_type": "hardlink", "file_mode": "text", "prefix_placeholder": placeholder},
        {"_path": "bin/tool", "path_type": "unix_python_entry_point"},
        {"_path": "lib/__pycache__/a.pyc", "path_type": "pyc_file"},
        {"_path": "lib/link.so", "path_type": "softlink"},
        {"_path": "lib/gone.so", "path_type": "hardlink", "sha256": digest},
    ]);
    let record = json!({"name": "a", "version": "1", "build": "0", "paths_data": {"paths": paths}});
    environment.write("conda-meta/a-1-0.json", record.to_string());
}

#[test]
fn the_files_of_condas_packages_are_told_as_if_they_were_in_no_prefix() {
    let [short, long] = ["", "-with-a-longer-name"].map(Environment::in_folder);
    let files = |environment: &Environment| environment.probe(&["--files"])["conda"][0].clone();
    for environment in [&short, &long] {
        install_with_prefixes(environment);
    }
    let told = files(&short);
    let paths: Vec<&String> = told["files"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["bin/tool", "lib/library.so", "lib/link.so", "lib/plain.so", "share/where.txt"]);
    assert_eq!(told["files"], files(&long)["files"]);
    assert_eq!(short.probe(&[])["conda"][0]["files"], Value::Null);

    for path in ["bin/tool", "lib/library.so", "lib/plain.so", "share/where.txt"] {
        let edited = fs::read_to_string(long.directory.path().join(path)).unwrap() + "edited\n";
        long.write(path, edited);
    }
    let (was, is) = (&told["files"], &files(&long)["files"]);
    let same: Vec<&String> = was.as_object().unwrap().keys().filter(|it| was[*it] == is[*it]).collect();
    assert_eq!(same, ["lib/link.so"]);
    assert_eq!((&told["edited"], &files(&long)["edited"]), (&json!([]), &json!(["lib/plain.so"])));
}
