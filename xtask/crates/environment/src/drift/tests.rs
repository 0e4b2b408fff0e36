//! What `drift` promises.

use serde_json::{Value, json};

use super::*;
use crate::{
    Intent, Solver,
    lock::{BaseImage, LockOrigin, Pylock},
};

fn snapshot(conda: &[Value], distributions: &[Value]) -> Snapshot {
    let snapshot = json!({
        "format": 1,
        "platform": {"system": "Linux", "machine": "x86_64"},
        "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env",
                        "markers": {"sys_platform": "linux"}},
        "conda": conda, "distributions": distributions,
        "apt": [{"name": "git", "version": "1:2.39", "architecture": "amd64"}],
    });
    Snapshot::parse(&snapshot.to_string()).unwrap()
}

fn file(text: &str) -> EnvironmentFile {
    EnvironmentFile::parse(Source::new("environment.yml", text))
}

/// The findings without their help, a line each.
fn drifted(snapshot: &Snapshot, text: &str, lock: Option<&Lock>) -> Vec<String> {
    let findings = drift(snapshot, &file(text), lock, "my_project");
    findings.iter().map(|it| it.to_string().lines().next().unwrap().to_owned()).collect()
}

fn pip(name: &str, version: &str) -> Value {
    json!({"name": name, "version": version, "installer": "pip"})
}

fn record(name: &str, version: &str, build: &str) -> Value {
    // As conda writes an epoch in a URL.
    let url = format!("https://channel.example/lab/linux-64/{name}-{}-{build}.conda", version.replace('!', "%21"));
    json!({"name": name, "version": version, "build": build, "url": url, "requested": []})
}

fn git(name: &str, commit: &str, revision: Option<&str>) -> Value {
    let vcs = json!({"vcs": "git", "commit_id": commit, "requested_revision": revision});
    json!({"name": name, "version": "1", "direct_url": {"url": format!("https://e.org/{name}.git"), "vcs_info": vcs}})
}

#[test]
fn what_is_as_asked_for_is_no_drift() {
    let text = "dependencies:\n  - python=3.12\n  - openssl=1.1.1w\n  - x264=1!164.3095\n  - numpy>=1.26,<2|3.*\n  \
        - zlib=1.3=h1_0\n  - pip:\n    - torch==2.5.1+cpu  # intent: torch\n    - rich>=13\n    - tool @ git+https://tok@e.org/tool.git@main\n    \
        - frozen @ git+https://${TOKEN}@e.org/frozen.git@0af1\n    - w; sys_platform == 'win32'\n    - wheel-of-url @ https://e.org/w.whl#sha256=77\n";
    let conda = [
        record("python", "3.12.4", "0"),
        record("openssl", "1.1.1w", "0"),
        record("x264", "1!164.3095", "0"),
        record("numpy", "1.26.4", "0"),
        record("zlib", "1.3", "h1_0"),
    ];
    let archive = json!({"url": "https://e.org/w.whl", "archive_info": {"hashes": {"sha256": "77"}}});
    let distributions = [
        git("frozen", "0af1", None),
        pip("rich", "14.0"),
        pip("My.Project", "1"),
        git("tool", "77", Some("main")),
        pip("torch", "2.5.1+cpu"),
        json!({"name": "wheel-of-url", "version": "1", "direct_url": archive}),
    ];
    assert_eq!(drifted(&snapshot(&conda, &distributions), text, None), Vec::<String>::new());
}

#[test]
fn a_package_without_its_files_is_told() {
    let mut snapshot = snapshot(&[], &[pip("numpy", "2.0")]);
    let text = "dependencies:\n  - python\n  - pip:\n    - numpy\n";
    let lost = |count| vec![LostFiles { package: "numpy".to_owned(), count, first: "numpy/__init__.py".to_owned() }];
    snapshot.lost = lost(812);
    let says = "environment.yml: error[E0810]: numpy is installed and lacks files: `numpy/__init__.py` and 811 more";
    assert_eq!(drifted(&snapshot, text, None), [says]);
    snapshot.lost = lost(1);
    let says = "environment.yml: error[E0810]: numpy is installed and lacks a file: `numpy/__init__.py`";
    assert_eq!(drifted(&snapshot, text, None), [says]);
}

#[test]
fn each_line_is_held_against_what_is_installed() {
    let text = "dependencies:\n  - python=3.11\n  - numpy=1.26.4\n  - openssl=1.1.1w\n  - zlib=1.3=h1_0\n  - htop\n  - pip:\n    \
        - torch==2.5.1\n    - rich>=14\n    - tool @ git+https://e.org/tool.git@0af1\n    - index @ git+https://e.org/index.git\n    - gone\n";
    let conda = [
        record("python", "3.12.4", "0"),
        record("numpy", "2.0.1", "0"),
        record("openssl", "1.1.1x", "0"),
        record("zlib", "1.3", "h2_0"),
    ];
    let distributions = [pip("index", "1"), pip("rich", "13.0"), git("tool", "77", None), pip("torch", "2.5.1.post1")];
    assert_eq!(
        drifted(&snapshot(&conda, &distributions), text, None),
        [
            "environment.yml:2:5: error[E0806]: python 3.11 pinned, 3.12.4 installed",
            "environment.yml:3:5: error[E0806]: numpy 1.26.4 pinned, 2.0.1 installed",
            "environment.yml:4:5: error[E0806]: openssl 1.1.1w pinned, 1.1.1x installed",
            "environment.yml:5:5: error[E0806]: zlib h1_0 pinned, h2_0 installed",
            "environment.yml:6:5: error[E0805]: `htop` is listed but not installed",
            "environment.yml:8:7: error[E0806]: torch 2.5.1 pinned, 2.5.1.post1 installed",
            "environment.yml:9:7: error[E0806]: `rich>=14` required, 13.0 installed",
            "environment.yml:10:7: error[E0806]: `tool @ git+https://e.org/tool.git@0af1` required, git+https://e.org/tool.git@77 installed",
            "environment.yml:11:7: error[E0806]: `index @ git+https://e.org/index.git` required, 1 installed",
            "environment.yml:12:7: error[E0805]: `gone` is listed but not installed",
        ]
    );
}

fn lock(text: &str, snapshot: &Snapshot, versions: &[(&str, &str)]) -> Lock {
    let files = "wheels = [{ url = 'https://e.org/x.whl', hashes = { sha256 = '47' } }]";
    let packages =
        versions.iter().map(|(name, it)| format!("[[packages]]\nname = '{name}'\nversion = '{it}'\n{files}\n"));
    let artefacts = Pylock::parse(&format!("lock-version = '1.0'\n{}", packages.collect::<String>())).unwrap();
    let base = BaseImage { name: "debian:12".to_owned(), id: None, digest: None };
    let origin = LockOrigin { solver: Solver::Conda, solver_version: None, base: Some(base), variant: None };
    let intent = Intent { environment: file(text).environment().clone(), apt: [].into() };
    Lock::new(snapshot, &intent, &artefacts, &[], origin, "my-project", None).unwrap()
}

#[test]
fn both_directions_of_the_lock_are_compared() {
    let text = "dependencies:\n  - python\n  - pip:\n    - tqdm\n    - tool @ git+https://e.org/tool.git\n";
    let conda = [record("python", "3.12.4", "0"), record("x264", "1!164", "h1_0"), record("zlib", "1.3", "h1_0")];
    let frozen = snapshot(&conda, &[pip("tqdm", "4.67"), git("tool", "0af1", None), pip("brought", "1")]);
    let lock = lock(text, &frozen, &[("tqdm", "4.67"), ("brought", "1")]);
    assert_eq!(
        drifted(&frozen, text, Some(&lock)),
        ["environment.yml: error[E0807]: `brought 1` was installed with pip but is not listed"],
        "a locked package need not be listed"
    );

    let conda = [record("python", "3.12.5", "0"), record("zlib", "1.3", "h2_0"), record("new", "1", "0")];
    let distributions = [pip("tqdm", "4.68"), git("tool", "77", None), pip("rich", "14.0")];
    let mut live = snapshot(&conda, &distributions);
    live.interpreter.version = "3.12.5".to_owned();
    live.apt[0].version = "1:2.40".to_owned();
    let folder = "dependencies/lock/linux-amd64";
    assert_eq!(
        drifted(&live, text, Some(&lock)),
        [
            format!("{folder}/apt.txt: note[N0809]: git 1:2.39 recorded, 1:2.40 installed"),
            format!("{folder}/conda.lock: error[E0808]: new 1 0 installed but not locked"),
            format!("{folder}/conda.lock: error[E0808]: python 3.12.4 0 locked, 3.12.5 0 installed"),
            format!("{folder}/conda.lock: error[E0808]: zlib 1.3 h1_0 locked, 1.3 h2_0 installed"),
            format!("{folder}/conda.lock: error[E0808]: x264 1!164 h1_0 locked but not installed"),
            format!("{folder}/lock.toml: error[E0808]: python 3.12.4 locked, 3.12.5 installed"),
            format!("{folder}/pylock.toml: error[E0808]: tool 0af1 locked, 77 installed"),
            format!("{folder}/pylock.toml: error[E0808]: tqdm 4.67 locked, 4.68 installed"),
            format!("{folder}/pylock.toml: error[E0808]: brought 1 locked but not installed"),
            "environment.yml: error[E0807]: `rich 14.0` was installed with pip but is not listed".to_owned(),
        ]
    );
}

#[test]
fn another_file_of_the_locked_version_is_told() {
    let text = "dependencies:\n  - python\n  - pip:\n    - tqdm\n";
    let of = |tag: &str| snapshot(&[], &[json!({"name": "tqdm", "version": "4.67", "installer": "uv", "tags": [tag]})]);
    let url = "https://e.org/tqdm-4.67-py3-none-any.whl";
    let mut lock = lock(text, &of("py3-none-any"), &[("tqdm", "4.67")]);
    let files = format!("wheels = [{{ url = '{url}', hashes = {{ sha256 = '47' }} }}]");
    let pylock = format!("lock-version = '1.0'\n[[packages]]\nname = 'tqdm'\nversion = '4.67'\n{files}\n");
    lock.pylock = Pylock::parse(&pylock).unwrap();
    assert_eq!(drifted(&of("py3-none-any"), text, Some(&lock)), [""; 0]);
    assert_eq!(
        drifted(&of("cp312-cp312-linux_x86_64"), text, Some(&lock)),
        [
            "dependencies/lock/linux-amd64/pylock.toml: error[E0808]: tqdm: `tqdm-4.67-py3-none-any.whl` locked, and another file \
          of this version installed"
        ]
    );
}

#[test]
fn what_only_this_machine_has_is_told_too() {
    let here = json!({"name": "here", "version": "1", "direct_url": {"url": "file:///src/here", "dir_info": {"editable": true}}});
    let drifted = drifted(&snapshot(&[], &[here]), "dependencies: [python]\n", None);
    assert_eq!(drifted.len(), 1, "{drifted:?}");
    assert!(
        drifted[0]
            .starts_with("environment.yml: warning[W0801]: `here` is installed as editable from `file:///src/here`")
    );
}

#[test]
fn builds_are_compared_as_patterns_with_what_is_installed_and_with_the_lock() {
    let text = "dependencies:\n  - python=3.12\n  - libblas=*=*mkl\n  - numpy=1.26.4=py312*\n";
    let conda = [
        record("python", "3.12.4", "0"),
        record("libblas", "3.9.0", "h1_openblas"),
        record("numpy", "1.26.4", "py312h64_0"),
    ];
    let snapshot = snapshot(&conda, &[]);
    let told = ["environment.yml:3:5: error[E0806]: `libblas=*=*mkl` required, h1_openblas installed"];
    assert_eq!(drifted(&snapshot, text, None), told);
    let contradictions = lock(text, &snapshot, &[]).contradictions(file(text).environment());
    assert_eq!(
        (contradictions.lines, contradictions.needs_full_solve),
        (vec!["environment.yml:3 libblas 3.9.0 h1_openblas locked, libblas=*=*mkl required".to_owned()], true)
    );
}

/// An image that is older than the file has what the file no longer asks for.
#[test]
fn what_freeze_has_pinned_goes_together() {
    let text = "dependencies:\n  - python=3.12\n  - libblas=*=*mkl\n";
    let snapshot = snapshot(&[record("python", "3.12.4", "0"), record("libblas", "3.9.0", "h1_openblas")], &[]);
    let analysis = Analysis::new(&snapshot, &file(text), "p");
    let installed =
        crate::freeze::InstalledPackages { pins: &analysis.pins(), added: &[], transitive: None, applies: &|_| true };
    let frozen = crate::freeze::freeze(&file(text), &installed).unwrap().file;
    assert_eq!(
        frozen.text(),
        "dependencies:\n  - python=3.12.4  # intent: python=3.12\n  \
         - libblas=3.9.0=h1_openblas  # intent: libblas=*=*mkl\n"
    );
    assert_eq!(drifted(&snapshot, frozen.text(), None), Vec::<String>::new());
    assert_eq!(frozen.thawed().text(), text);
}

#[test]
fn a_hyphen_and_an_underscore_are_two_packages_of_condas() {
    let conda = [
        record("python", "3.12.4", "0"),
        record("typing-extensions", "4.12.2", "hd8ed1ab_0"),
        record("typing_extensions", "4.12.2", "pyha770c72_0"),
    ];
    let both = "dependencies:\n  - python\n  - typing-extensions=4.12.2=hd8ed1ab_0\n  \
                - typing_extensions=4.12.2=pyha770c72_0\n";
    let locked = lock(both, &snapshot(&conda, &[]), &[]);
    assert_eq!(drifted(&snapshot(&conda, &[]), both, Some(&locked)), Vec::<String>::new());

    let mut by_hand = record("typing_extensions", "4.12.2", "pyha770c72_0");
    by_hand["requested"] = json!(["typing_extensions"]);
    let both_are_new = [conda[0].clone(), conda[1].clone(), by_hand];
    let text = "dependencies:\n  - python\n";
    let locked = lock(text, &snapshot(&conda[..1], &[]), &[]);
    assert_eq!(
        drifted(&snapshot(&both_are_new, &[]), text, Some(&locked)),
        [
            "dependencies/lock/linux-amd64/conda.lock: error[E0808]: typing-extensions 4.12.2 hd8ed1ab_0 installed but not locked",
            "environment.yml: error[E0807]: `typing_extensions 4.12.2` was installed with conda but is not listed",
        ]
    );
}
