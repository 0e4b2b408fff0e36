//! What the analysis of a snapshot promises.

use serde_json::{Value, json};

use super::*;
use crate::freeze::Pin;

/// A distribution that pip has installed.
fn pip(name: &str, version: &str, requires: &[&str]) -> Value {
    json!({"name": name, "version": version, "installer": "pip", "requires": requires})
}

fn conda(name: &str, version: &str, requested: &[&str], depends: &[&str]) -> Value {
    json!({"name": name, "version": version, "build": "0", "requested": requested, "depends": depends, "metadata": []})
}

fn from(channel: &str, mut record: Value) -> Value {
    record["channel"] = channel.into();
    record
}

fn analysis(environment: &str, conda: &[Value], distributions: &[Value]) -> Analysis {
    let snapshot = json!({
        "format": 1,
        "platform": {"system": "Linux", "machine": "x86_64"},
        "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env",
                        "markers": {"python_version": "3.12", "sys_platform": "linux"}},
        "conda": conda, "distributions": distributions,
    });
    let snapshot = Snapshot::parse(&snapshot.to_string()).unwrap();
    let file = EnvironmentFile::parse(Source::new("environment.yml", environment));
    assert!(!file.findings().has_errors(), "{}", file.findings());
    Analysis::new(&snapshot, &file, "My_Project")
}

fn shown(packages: &[AddedSpec]) -> Vec<String> {
    let each = packages.iter().map(|it| match it {
        AddedSpec::Conda { channel: Some(channel), name, version } => format!("Conda {channel}::{name} {version}"),
        AddedSpec::Conda { name, version, .. } => format!("Conda {name} {version}"),
        AddedSpec::Pip { name, pin: Pin::Version(version) | Pin::Build { version, .. } } => {
            format!("Pip {name} {version}")
        }
        AddedSpec::Pip { name, pin: Pin::Url(url) } => format!("Pip {name} @ {url}"),
    });
    each.collect()
}

#[test]
fn each_line_gets_what_is_installed() {
    let text = "dependencies:\n  - python>=3.11\n  - pip\n  - pip:\n    - Torch>=2\n    - rich[jupyter]\n    \
                - colorama; sys_platform == 'win32'\n    - tool @ git+https://e.org/tool.git@main\n    - gone\n    - here\n";
    let git = json!({"name": "tool", "version": "1", "requires": [], "direct_url":
        {"url": "https://e.org/tool.git", "vcs_info": {"vcs": "git", "commit_id": "0af"}}});
    let here = json!({"name": "here", "version": "1", "direct_url": {"url": "file:///src/here", "dir_info": {}}});
    let distributions = [pip("torch", "2.5.1+cpu", &[]), pip("rich", "14.0", &[]), pip("pip", "26.0", &[]), git, here];
    let analysis = analysis(text, &[], &distributions);
    let version = |it: &str| PackageOutcome::Pinned(Pin::Version(it.to_owned()));
    let answers: Vec<(&str, PackageOutcome)> =
        analysis.listed.iter().map(|it| (it.name.as_str(), it.outcome.clone())).collect();
    assert_eq!(
        answers,
        [
            ("python", version("3.12.4")),
            ("pip", version("26.0")),
            ("torch", version("2.5.1+cpu")),
            ("rich", version("14.0")),
            ("colorama", PackageOutcome::NotHere),
            ("tool", PackageOutcome::Pinned(Pin::Url("git+https://e.org/tool.git@0af".to_owned()))),
            ("gone", PackageOutcome::Missing),
            ("here", PackageOutcome::Kept),
        ]
    );
    assert_eq!((shown(&analysis.by_hand), shown(&analysis.transitive)), (vec![], vec![]));
    let expected = "environment.yml:10:7: warning[W0801]: `here` is installed from `file:///src/here`, which no other";
    assert!(analysis.findings.to_string().starts_with(expected), "{}", analysis.findings);
}

#[test]
fn what_nobody_asked_for_and_nothing_needs_was_installed_by_hand() {
    let text = "dependencies:\n  - python\n  - pip:\n    - uvicorn[standard]\n    - broken; python_version < '3'\n";
    let distributions = [
        pip("uvicorn", "1", &["click>=7", "httptools; extra == 'standard'", "old; python_version < '3.9'"]),
        pip("click", "8", &[]),
        pip("httptools", "1", &["Deep_Dep"]),
        pip("deep.dep", "1", &[]),
        pip("old", "1", &[]),
        pip("Rich", "14", &["Pygments", "rich[all]"]),
        pip("pygments", "2", &[]),
        pip("wheel", "1", &["packaging"]),
        pip("packaging", "25", &[]),
        pip("my-project", "0.1", &["numpy"]),
        pip("numpy", "2", &[]),
    ];
    let analysis = analysis(text, &[], &distributions);
    assert_eq!(shown(&analysis.by_hand), ["Pip old 1", "Pip Rich 14"]);
    let transitive = ["click 8", "httptools 1", "deep.dep 1", "pygments 2", "wheel 1", "packaging 25", "numpy 2"];
    assert_eq!(shown(&analysis.transitive), transitive.map(|it| format!("Pip {it}")));
    assert!(analysis.findings.is_empty(), "{}", analysis.findings);
}

#[test]
fn of_packages_that_need_each_other_one_was_installed() {
    let text = "dependencies: [python]\n";
    let distributions = [pip("b", "1", &["a"]), pip("a", "1", &["b"]), pip("c", "1", &[])];
    let analysis = analysis(text, &[], &distributions);
    assert_eq!(shown(&analysis.by_hand), ["Pip a 1", "Pip c 1"].map(str::to_owned));
}

#[test]
fn a_conda_package_was_installed_by_hand_when_asked_for_and_needed_by_nothing() {
    let text = "channels: [conda-forge, https://e.org/c/]\ndependencies:\n  - python\n  - numpy >=1.26\n  - https://e.org/c/linux-64/exact-1-0.conda\n";
    let records = [
        conda("python", "3.12.4", &["python"], &["libzlib", "pip"]),
        conda("numpy", "1.26.4", &["numpy >=1.26"], &["libblas >=3.9", "python"]),
        conda("libblas", "3.9.0", &["libblas"], &[]),
        conda("libzlib", "1.3", &[], &["libzlib"]),
        conda("exact", "1", &["exact"], &[]),
        from("lab", conda("htop", "3.3", &["htop"], &[])),
        from("https://e.org/c", conda("tool", "1", &["tool"], &[])),
        conda("pip", "26.0", &["pip"], &[]),
        conda("orphan", "1", &[], &[]),
    ];
    let analysis = analysis(text, &records, &[]);
    let answers: Vec<PackageOutcome> = analysis.listed.iter().map(|it| it.outcome.clone()).collect();
    let version = |it: &str| PackageOutcome::Pinned(Pin::Build { version: it.to_owned(), build: "0".to_owned() });
    assert_eq!(answers, [version("3.12.4"), version("1.26.4"), PackageOutcome::Kept]);
    assert_eq!(
        shown(&analysis.by_hand),
        ["Conda lab::htop 3.3", "Conda tool 1"],
        "the channel is named where it is not listed"
    );
    let transitive = ["Conda libblas 3.9.0", "Conda libzlib 1.3", "Conda pip 26.0", "Conda orphan 1"];
    assert_eq!(shown(&analysis.transitive), transitive);
}

#[test]
fn what_pip_put_over_condas_is_a_warning_and_no_wish() {
    let text = "dependencies:\n  - python\n  - pytorch\n";
    let mut record = conda("pytorch", "2.5.0", &["pytorch"], &[]);
    record["metadata"] = json!(["torch-2.5.0"]);
    let distributions = [
        pip("torch", "2.5.1", &["sympy"]),
        pip("sympy", "1", &[]),
        json!({"name": "numpy", "version": "2", "installer": "conda", "requires": ["extra-of-conda"]}),
        pip("extra-of-conda", "1", &[]),
    ];
    let analysis = analysis(text, &[record], &distributions);
    let expected = "environment.yml:3:5: warning[W0802]: `torch` 2.5.1 was installed by pip over conda's pytorch 2.5.0";
    assert!(analysis.findings.to_string().starts_with(expected), "{}", analysis.findings);
    assert_eq!(shown(&analysis.by_hand), Vec::<String>::new());
}

#[test]
fn an_editable_install_of_the_project_is_no_finding_however_it_is_spelled() {
    let editable = |name: &str| json!({"name": name, "version": "1", "direct_url": {"url": "file:///src", "dir_info": {"editable": true}}});
    let analysis = analysis("dependencies: [python]\n", &[], &[editable("MY.project"), editable("Other_One")]);
    let expected = "environment.yml: warning[W0801]: `Other_One` is installed as editable from `file:///src`, which no";
    assert!(analysis.findings.to_string().starts_with(expected), "{}", analysis.findings);
    assert_eq!((analysis.findings.len(), analysis.by_hand.len(), analysis.transitive.len()), (1, 0, 0));
}
