//! What a lock promises.

use serde_json::{Value, json};

use project::AptStage;
use report::Source;

use super::*;
use crate::{AptList, EnvironmentFile, conda::CondaInstall, snapshot::Snapshot};

const ENVIRONMENT: &str = "channels: [lab]\ndependencies:\n  - python=3.12\n  - numpy >=1.26\n  - pip:\n    - tqdm\n";

fn intent(environment: &str) -> Intent {
    let mut findings = Findings::default();
    let environment = EnvironmentFile::parse(Source::new("environment.yml", environment)).environment().clone();
    let apt = AptList::parse(&Source::new("apt-runtime.txt", "git\n"), &mut findings);
    Intent { environment, apt: [(AptStage::Runtime, apt)].into() }
}

fn record(name: &str, version: &str, depends: &[&str]) -> Value {
    let url = format!("https://tok@channel.example/lab/linux-64/{name}-{version}-0.conda");
    json!({"name": name, "version": version, "build": "0", "url": url, "sha256": "ab".repeat(32), "depends": depends, "size": 3})
}

fn snapshot(distributions: &[Value]) -> Snapshot {
    let snapshot = json!({
        "format": 1,
        "platform": {"system": "Linux", "machine": "x86_64"},
        "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env", "markers": {}},
        "conda": [
            record("a-loop", "1", &["b-loop"]), record("b-loop", "1", &["a-loop"]),
            record("numpy", "1.26.4", &["python >=3.12", "zlib"]), record("python", "3.12.4", &["zlib 1.3.*"]),
            record("zlib", "1.3", &[]),
        ],
        "distributions": distributions,
        "apt": [
            {"name": "git", "version": "1:2.39", "architecture": "amd64"},
            {"name": "libc6", "version": "2.36", "architecture": "arm64"},
        ],
    });
    Snapshot::parse(&snapshot.to_string()).unwrap()
}

fn distributions() -> Vec<Value> {
    vec![
        json!({"name": "My_Project", "version": "0.1", "direct_url": {"url": "file:///src", "dir_info": {"editable": true}}}),
        json!({"name": "here", "version": "1", "direct_url": {"url": "file:///here", "dir_info": {}}}),
        json!({"name": "numpy", "version": "1.26.4", "installer": "conda"}),
        json!({"name": "repo", "version": "2", "direct_url": {"url": "https://tok@e.org/r.git", "subdirectory": "py",
               "vcs_info": {"vcs": "git", "commit_id": "0af", "requested_revision": "main"}}}),
        json!({"name": "tqdm", "version": "4.67.0"}),
        json!({"name": "wheel-of-url", "version": "1", "direct_url": {"url": "https://e.org/w.whl",
               "archive_info": {"hashes": {"sha256": "77"}}}}),
    ]
}

/// What uv says of tqdm.
fn artefacts(version: &str) -> Pylock {
    let wheel = "{ url = 'https://e.org/tqdm.whl', size = 5, hashes = { sha256 = '47' } }";
    let package = format!("[[packages]]\nname = 'tqdm'\nversion = '{version}'\nwheels = [{wheel}]\n");
    Pylock::parse(&format!("lock-version = '1.0'\n{package}")).unwrap()
}

fn origin(solver: Solver) -> LockOrigin {
    let base = BaseImage { name: "debian:12".to_owned(), id: Some("sha256:1".to_owned()), digest: None };
    LockOrigin { solver, solver_version: Some("2.9.0".to_owned()), base: Some(base), variant: None }
}

fn lock() -> Lock {
    Lock::new(
        &snapshot(&distributions()),
        &intent(ENVIRONMENT),
        &artefacts("4.67"),
        &[],
        origin(Solver::Conda),
        "my.project",
        None,
    )
    .unwrap()
}

fn files(lock: &Lock) -> BTreeMap<String, String> {
    lock.texts("0.1.0").into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn parse(files: &BTreeMap<String, String>) -> Result<Option<Lock>, String> {
    Lock::parse(&Platform::parse("linux/amd64").unwrap(), None, files).map_err(|it| it.to_string())
}

#[test]
fn what_is_written_is_read_back() {
    let of_uv = lock();
    let uv = Lock {
        conda: Vec::new(),
        conda_distributions: BTreeMap::new(),
        apt: BTreeMap::new(),
        origin: origin(Solver::Uv),
        ..of_uv
    };
    let uv = uv.layered(None, None);
    for lock in [lock(), uv] {
        let files = files(&lock);
        let read = parse(&files).unwrap().unwrap();
        assert_eq!(self::files(&read), files);
        let without_places = Lock { intent: read.intent.clone(), ..lock };
        assert_eq!(read, without_places);
    }
}

#[test]
fn it_holds_each_package_as_it_is_installed_and_no_secret() {
    let files = files(&lock());
    let url = |file: &str| format!("https://channel.example/lab/linux-64/{file}-0.conda#sha256:{}", "ab".repeat(32));
    let conda: Vec<&str> = files["conda.lock"].lines().filter(|it| !it.starts_with('#')).collect();
    let expected = ["b-loop-1", "a-loop-1", "zlib-1.3", "python-3.12.4", "numpy-1.26.4"].map(url);
    assert_eq!(conda[0], "@EXPLICIT");
    assert_eq!(conda[1..], expected, "each behind what it needs");
    assert_eq!(
        files["pylock.toml"],
        r#"lock-version = "1.0"
created-by = "cargo xtask 0.1.0"
requires-python = "==3.12.*"

[[packages]]
name = "repo"
version = "2"

[packages.vcs]
type = "git"
url = "https://e.org/r.git"
requested-revision = "main"
commit-id = "0af"
subdirectory = "py"

[[packages]]
name = "tqdm"
version = "4.67.0"

[[packages.wheels]]
url = "https://e.org/tqdm.whl"
size = 5
hashes = { "sha256" = "47" }

[[packages]]
name = "wheel-of-url"
version = "1"

[packages.archive]
url = "https://e.org/w.whl"
hashes = { "sha256" = "77" }
"#
    );
    assert!(files["apt.txt"].ends_with("\ngit=1:2.39\nlibc6:arm64=2.36\n"), "{}", files["apt.txt"]);
    assert!(files.values().all(|it| !it.contains("tok")));
}

#[test]
fn a_package_of_which_no_file_is_known_is_an_error() {
    let with = |artefacts: &Pylock, more: Option<Value>| {
        let mut distributions = distributions();
        distributions.extend(more);
        let snapshot = snapshot(&distributions);
        Lock::new(&snapshot, &intent(ENVIRONMENT), artefacts, &[], origin(Solver::Conda), "my-project", None)
            .unwrap_err()
            .to_string()
    };
    let gone = with(&artefacts("4.67.0"), Some(json!({"name": "Gone", "version": "1"})));
    let expected =
        "dependencies/lock/linux-amd64/pylock.toml: error[E0803]: no file is known for `gone` 1: no index has one";
    assert!(gone.starts_with(expected), "{gone}");
    let other = with(&artefacts("4.67.0+cpu"), None);
    assert!(other.contains("`tqdm` 4.67.0: the index has 4.67.0+cpu"), "{other}");
}

#[test]
fn it_matches_what_was_asked_for_and_nothing_else() {
    let (lock, platform) = (lock(), Platform::parse("linux/amd64").unwrap());
    let read = parse(&files(&lock)).unwrap().unwrap();
    for lock in [&lock, &read] {
        let same =
            "# why\nchannels:\n  - lab\ndependencies:\n  - numpy>=1.26  # fast\n  - python =3.12\n\n  - pip: [tqdm]\n";
        assert_eq!(lock.matches(&intent(same), &platform, Solver::Conda), LockMatch::Exact);
        let other = "channels: [lab]\ndependencies:\n  - python=3.12\n  - numpy >=2.0\n  - pip:\n    - rich\n";
        let expected =
            ["environment.yml:4 numpy >=1.26 -> >=2.0", "environment.yml:6 + rich", "environment.yml - tqdm"];
        let LockMatch::Changed(changes) = lock.matches(&intent(other), &platform, Solver::Conda) else { panic!() };
        assert_eq!(changes.lines, expected);
    }
    let arm = Platform::parse("linux/arm64").unwrap();
    let LockMatch::Changed(changes) = lock.matches(&intent(ENVIRONMENT), &arm, Solver::Uv) else { panic!() };
    assert_eq!(changes.lines[..2], ["platform linux/amd64 -> linux/arm64", "solver conda -> uv"]);
}

#[test]
fn a_damaged_lock_is_an_error_that_names_the_file() {
    assert_eq!(parse(&BTreeMap::new()), Ok(None));
    let files = files(&lock());
    let changed = |name: &str, text: Option<&str>| {
        let mut files = files.clone();
        match text {
            Some(text) => files.insert(name.to_owned(), text.to_owned()),
            None => files.remove(name),
        };
        parse(&files).unwrap_err()
    };
    let platform = files[HEADER].replace("linux/amd64", "linux/arm64");
    let intent = files[HEADER].replace("pip tqdm", "pip rich");
    for (name, text, why) in [
        ("pylock.toml", None, "the file is missing"),
        ("pylock.toml", Some("lock-version = '1.0'\n"), "its digest is not the one in `lock.toml`"),
        ("conda.lock", Some("@EXPLICIT\n"), "its digest is not the one in `lock.toml`"),
        ("more.txt", Some(""), "does not list the file"),
        ("lock.toml", None, "`lock.toml` is missing beside `"),
        ("lock.toml", Some("["), ""),
        ("lock.toml", Some("version = \"2\""), "another `version`"),
        ("lock.toml", Some(platform.as_str()), "its platform or variant is not that of its folder"),
        ("lock.toml", Some(intent.as_str()), "`intent` and `intent-sha256` disagree"),
    ] {
        let error = changed(name, text);
        let place = format!("dependencies/lock/linux-amd64/{name}: error[E0804]: not as `freeze` or `lock` wrote it: ");
        assert!(error.starts_with(&place) && error.contains(why), "{name}: {error}");
    }
}

#[test]
fn the_files_are_in_the_folder_of_the_platform() {
    assert_eq!(Lock::folder_of(&Platform::parse("linux/amd64").unwrap(), None), "dependencies/lock/linux-amd64");
    let lock = lock();
    let mut names: Vec<String> = lock.tree("0.1.0").keys().map(ToString::to_string).collect();
    let mut all = Lock::FILES.map(str::to_owned).to_vec();
    names.sort();
    all.sort();
    assert_eq!(names, all);
}

#[test]
fn a_package_that_no_layer_has_is_no_lock() {
    let files = files(&lock());
    for line in ["        \"pip tqdm 5\",\n", "    \"conda zlib 3\",\n"] {
        let mut damaged = files.clone();
        assert!(files["lock.toml"].contains(line), "{}", files["lock.toml"]);
        damaged.insert("lock.toml".to_owned(), files["lock.toml"].replace(line, ""));
        let error = parse(&damaged).unwrap_err();
        assert!(error.contains("`layers` does not have each package once"), "{error}");
    }
}

#[test]
fn a_lock_of_an_older_tool_has_all_of_condas_packages_below() {
    let mut files = files(&lock());
    let header = &files["lock.toml"];
    let (before, rest) = header.split_once("\n# Which packages share a layer").unwrap();
    let (_, after) = rest.split_once("\n# SHA-256").unwrap();
    files.insert("lock.toml".to_owned(), format!("{before}\n# SHA-256{after}"));
    let old = parse(&files).unwrap().unwrap();
    assert_eq!(old.layers.base_names().len(), 5);
    assert_eq!(
        old.layers.layers.iter().flat_map(|it| it.keys()).map(ToString::to_string).collect::<Vec<_>>(),
        ["pip tqdm", "pip wheel-of-url"]
    );
}

#[test]
fn each_layer_is_installed_from_its_own_lists() {
    let lock = lock();
    let conda = |link_scripts: &[&str]| CondaInstall {
        platform: lock.platform.clone(),
        files: lock.conda.clone(),
        intent: lock.intent.conda(),
        system: lock.system.clone(),
        link_scripts: link_scripts.iter().map(|it| (*it).to_owned()).collect(),
    };
    let names = |install: &CondaInstall| {
        let names = install.files.iter().filter_map(|it| Some(it.name_version_build()?.0.to_owned()));
        names.collect::<Vec<_>>().join(" ")
    };
    let LayerLists { base, layers, built } = lock.layer_lists(Some(&conda(&[])), "0.1.0");
    assert_eq!(base.as_ref().map(names).as_deref(), Some("zlib python"));
    let [LayerList { conda: Some(of_conda), pylock: Some(pylock) }] = &layers[..] else { panic!("{layers:?}") };
    assert_eq!(names(of_conda), "b-loop a-loop zlib python numpy", "with what is there already");
    assert!(of_conda.intent.specs.is_empty(), "another spec for the same packages changes no layer");
    assert!(pylock.contains("tqdm") && pylock.contains("wheel-of-url") && !pylock.contains("repo"), "{pylock}");
    assert!(built.is_some_and(|it| it.contains("\"repo\"") && !it.contains("tqdm")));

    // A script may want any other package of conda's.
    let LayerLists { base, layers, .. } = lock.layer_lists(Some(&conda(&["numpy"])), "0.1.0");
    assert_eq!(base.as_ref().map(names).as_deref(), Some("b-loop a-loop zlib python numpy"));
    assert!(matches!(&layers[..], [LayerList { conda: None, pylock: Some(_) }]), "{layers:?}");
}

/// One release of a package, as an index or a list has it: each wheel by its tag, with its digest, and the source archive.
fn release(wheels: &[(&str, &str)]) -> Pylock {
    let file =
        |name: String, digest: &str| format!("{{ url = 'https://e.org/{name}', hashes = {{ sha256 = '{digest}' }} }}");
    let wheels: Vec<String> = wheels.iter().map(|(tag, digest)| file(format!("fast-1-{tag}.whl"), digest)).collect();
    let sdist = file("fast-1.tar.gz".to_owned(), "5d");
    let package = format!("name = 'fast'\nversion = '1'\nsdist = {sdist}\nwheels = [{}]\n", wheels.join(", "));
    Pylock::parse(&format!("lock-version = '1.0'\n[[packages]]\n{package}")).unwrap()
}

/// The file that is locked for a package that was installed from a wheel with a tag; what was made `before` has one file.
fn locked_file(tag: &str, offered: &Pylock, before: Option<&Pylock>) -> Result<String, String> {
    let lock = |installed: &Snapshot, artefacts: &Pylock, before: &[&Lock]| {
        Lock::new(installed, &intent(ENVIRONMENT), artefacts, before, origin(Solver::Conda), "p", None)
    };
    let installed = |tag: &str| snapshot(&[json!({"name": "fast", "version": "1", "tags": [tag]})]);
    let old = before.map(|it| lock(&installed("py3-none-any"), it, &[]).unwrap());
    let old = old.map(|it| Lock { pylock: before.unwrap().clone(), ..it });
    let lock = lock(&installed(tag), offered, &old.iter().collect::<Vec<_>>()).map_err(|it| it.to_string())?;
    let LockedSource::Index { wheels, sdist } = &lock.pylock.packages["fast"].source else { panic!() };
    let [file] = &wheels.iter().chain(sdist).collect::<Vec<_>>()[..] else { panic!("one file: {wheels:?} {sdist:?}") };
    Ok(format!("{} {}", file.url.rsplit('/').next().unwrap(), file.hashes["sha256"]))
}

#[test]
fn the_one_file_that_was_installed_is_locked() {
    let (cp, any) = ("cp312-cp312-manylinux_2_28_x86_64", "py3-none-any");
    let both = release(&[(cp, "01"), (any, "02")]);
    assert_eq!(locked_file(any, &both, None).unwrap(), "fast-1-py3-none-any.whl 02");
    assert_eq!(locked_file(cp, &both, None).unwrap(), format!("fast-1-{cp}.whl 01"));
    // Built here, from the source.
    assert_eq!(locked_file("cp312-cp312-linux_x86_64", &both, None).unwrap(), "fast-1.tar.gz 5d");
    // The index has a better one by now.
    let (newer, older) = (release(&[(cp, "01")]), release(&[(any, "02")]));
    assert_eq!(locked_file(any, &newer, Some(&older)).unwrap(), "fast-1-py3-none-any.whl 02");
}

#[test]
fn a_file_that_the_index_has_replaced_is_told_by_its_name() {
    let (before, now) = (release(&[("py3-none-any", "02")]), release(&[("py3-none-any", "03")]));
    let error = locked_file("py3-none-any", &now, Some(&before)).unwrap_err();
    assert!(
        error.contains(
            "no file is known for `fast` 1: the index has another file of the name `fast-1-py3-none-any.whl`"
        ),
        "{error}"
    );
}
