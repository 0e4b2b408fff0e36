//! What other tools are told.

use serde_yaml::Value;

use report::Source;

use super::*;
use crate::{
    EnvironmentFile, Intent, Platform, Solver,
    conda::{AssumedSystem, CondaDescribe},
    lock::{CondaFile, LayerPlan, LockOrigin, NormalisedIntent, Pylock},
};

const PYLOCK: &str = r#"lock-version = "1.0"

[[packages]]
name = "archive"
version = "2"
archive = { url = "https://e.org/a.zip", hashes = { sha256 = "9121" }, subdirectory = "py" }

[[packages]]
name = "repo"
vcs = { type = "git", url = "https://e.org/r.git", requested-revision = "main", commit-id = "0af", subdirectory = "py" }

[[packages]]
name = "source"
version = "1.10"
index = "https://index.example/simple"
sdist = { url = "https://e.org/source.tar.gz", hashes = { sha256 = "77" } }

[[packages]]
name = "tqdm"
version = "4.67.0"
index = "https://index.example/simple"
wheels = [{ url = "https://e.org/tqdm.whl", size = 5, hashes = { sha256 = "47" } }]
sdist = { url = "https://e.org/tqdm.tar.gz", hashes = { sha256 = "48" } }

[[packages]]
name = "wheel-of-url"
version = "1"
archive = { url = "https://e.org/w.whl", hashes = { sha256 = "49" } }
"#;

fn lock(platform: &str, subdir: &str, pylock: &str) -> Lock {
    let file = |place: &str| CondaFile { url: format!("https://e.org/lab/{place}.conda"), hash: None, size: None };
    let environment = "channels: [https://e.org/lab, conda-forge, nodefaults]\ndependencies: [python]\n";
    let environment = EnvironmentFile::parse(Source::new("environment.yml", environment)).environment().clone();
    let intent = Intent { environment, apt: std::collections::HashMap::new() };
    Lock {
        platform: Platform::parse(platform).unwrap(),
        python: "3.12.4".to_owned(),
        intent: NormalisedIntent::new(&intent, Solver::Conda),
        conda: vec![file("noarch/r-mass-7.3_60-0"), file(&format!("{subdir}/python-3.12.4-0"))],
        conda_distributions: BTreeMap::new(),
        system: AssumedSystem::default(),
        origin: LockOrigin { solver: Solver::Conda, solver_version: None, base: None, variant: None },
        pylock: Pylock::parse(pylock).unwrap(),
        apt: BTreeMap::new(),
        layers: LayerPlan::default(),
    }
}

fn locks() -> [Lock; 2] {
    [lock("linux/amd64", "linux-64", PYLOCK), lock("osx/arm64", "osx-arm64", "lock-version = '1.0'")]
}

fn known(locks: &[Lock]) -> CondaDescription {
    let files: Vec<CondaFile> = locks.iter().flat_map(|it| it.conda.clone()).collect();
    let packages: Vec<String> = files
        .iter()
        .map(|file| {
            let (name, version, build) = file.name_version_build().unwrap();
            let subdir = file.url.rsplit('/').nth(1).unwrap();
            format!(
                r#"{{"name": "{name}", "version": "{version}", "build": "{build}", "build_number": 3, "subdir": "{subdir}",
                    "url": "{}", "md5": "cd", "sha256": "ab", "size": 5, "depends": ["zlib", "zlib >=1,<2", "__glibc >=2.17"],
                    "constrains": ["x <0a0"], "license": "MIT", "timestamp": 7, "noarch": "generic",
                    "distributions": [{{"name": "mass", "version": "7"}}]}}"#,
                file.url
            )
        })
        .collect();
    let answer = format!(
        r#"{{"channels": ["https://e.org/lab", "https://conda.example/conda-forge"], "packages": [{}]}}"#,
        packages.join(",")
    );
    let question = CondaDescribe { files: &files, channels: &[], cache: "/cache".into(), is_offline: false };
    question.answer(&answer, "").unwrap()
}

fn written(format: LockFormat) -> (String, Value) {
    let locks = locks();
    let text = format.text(&locks, &known(&locks));
    let read = serde_yaml::from_str(&text).unwrap();
    (text, read)
}

fn texts<'a>(values: &'a Value, key: &str) -> Vec<&'a str> {
    values.as_sequence().unwrap().iter().filter_map(|it| it[key].as_str()).collect()
}

fn entry<'a>(packages: &'a Value, name: &str) -> &'a Value {
    packages.as_sequence().unwrap().iter().find(|it| it["name"] == name).unwrap()
}

#[test]
fn pixi_is_told_each_package_once_and_each_platform_which_it_has() {
    let (text, read) = written(LockFormat::Pixi);
    let environment = &read["environments"]["default"];
    assert_eq!(texts(&environment["channels"], "url"), ["https://e.org/lab/", "https://conda.example/conda-forge/"]);
    assert_eq!(environment["indexes"][0], "https://index.example/simple");
    let conda = |subdir: &str| {
        ["noarch/r-mass-7.3_60-0".to_owned(), format!("{subdir}/python-3.12.4-0")]
            .map(|it| format!("https://e.org/lab/{it}.conda"))
    };
    assert_eq!(texts(&environment["packages"]["osx-arm64"], "conda"), conda("osx-arm64"));
    assert_eq!(texts(&environment["packages"]["linux-64"], "conda"), conda("linux-64"));
    let pypi = [
        "direct+https://e.org/a.zip#subdirectory=py",
        "git+https://e.org/r.git?subdirectory=py&rev=main#0af",
        "https://e.org/source.tar.gz",
        "https://e.org/tqdm.whl",
        "direct+https://e.org/w.whl",
    ];
    assert_eq!(texts(&environment["packages"]["linux-64"], "pypi"), pypi);
    assert_eq!(texts(&read["packages"], "pypi"), pypi);
    assert_eq!(texts(&read["packages"], "conda").len(), 3, "what is for any platform stands there once");
    let expected = "- conda: https://e.org/lab/noarch/r-mass-7.3_60-0.conda\n  name: r-mass\n  version: '7.3_60'\n  build: '0'\n  \
        build_number: 3\n  subdir: noarch\n  noarch: generic\n  sha256: ab\n  md5: cd\n  depends:\n  - zlib\n  - zlib >=1,<2\n  \
        - __glibc >=2.17\n  constrains:\n  - x <0a0\n  license: MIT\n  purls:\n  - pkg:pypi/mass\n  size: 5\n  timestamp: 7\n";
    assert!(text.contains(expected), "{text}");
    let expected = "- pypi: https://e.org/source.tar.gz\n  name: source\n  version: '1.10'\n  sha256: '77'\n";
    assert!(text.contains(expected), "{text}");
    assert_eq!(entry(&read["packages"], "archive")["sha256"], "9121");
}

#[test]
fn conda_lock_is_told_each_package_for_each_platform() {
    let (text, read) = written(LockFormat::CondaLock);
    let metadata = &read["metadata"];
    assert_eq!(texts(&metadata["channels"], "url"), ["https://e.org/lab", "conda-forge"]);
    assert_eq!(metadata["content_hash"]["osx-arm64"], locks()[1].intent.sha256().as_str());
    let names = ["r-mass", "python", "archive", "repo", "source", "tqdm", "wheel-of-url", "r-mass", "python"];
    assert_eq!(texts(&read["package"], "name"), names);
    let expected = "- name: r-mass\n  version: '7.3_60'\n  manager: conda\n  platform: linux-64\n  dependencies:\n    \
        __glibc: '>=2.17'\n    zlib: '>=1,<2'\n  url: https://e.org/lab/noarch/r-mass-7.3_60-0.conda\n  hash:\n    md5: cd\n    \
        sha256: ab\n  category: main\n  optional: false\n";
    assert!(text.contains(expected), "{text}");
    let expected = "- name: repo\n  version: '0'\n  manager: pip\n  platform: linux-64\n  dependencies: {}\n  \
        url: git+https://e.org/r.git@0af#subdirectory=py\n  hash: {}\n  category: main\n";
    assert!(text.contains(expected), "{text}");
    for (name, url, sha256) in [
        ("archive", "https://e.org/a.zip#sha256=9121&subdirectory=py", None),
        ("tqdm", "https://e.org/tqdm.whl", Some("47")),
        ("source", "https://e.org/source.tar.gz", Some("77")),
        ("wheel-of-url", "https://e.org/w.whl", Some("49")),
    ] {
        let entry = entry(&read["package"], name);
        assert_eq!((entry["url"].as_str(), entry["hash"]["sha256"].as_str()), (Some(url), sha256), "{name}");
    }
}
