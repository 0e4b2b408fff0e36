//! What was installed is frozen, compared, and made again from the lock: real packages of every kind.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use serde_json::Value;

use crate::support::docker::gateway;
use crate::support::{DevContainer, Repository, Subject, Suite, Web, bounded, command, trials};

pub fn trials() -> Subject {
    trials![
        in_containers_every_kind_of_package_is_frozen_and_made_again,
        without_docker_every_kind_of_package_is_frozen_and_made_again,
        whoever_works_in_the_container_freezes_from_there,
    ]
}

/// In the address of a package that somebody installs by hand.
const SECRET: &str = "e2e-token-of-somebody";

const SETUP: &str = "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n";

/// A repository with an environment, in containers or not.
struct Trial<'a> {
    repository: &'a Repository,
    is_native: bool,
    /// Where packages are that no index has.
    web: Web,
}

impl<'a> Trial<'a> {
    fn new(repository: &'a Repository, host: &str, is_native: bool) -> Self {
        let served = repository.directory("served");
        let project = |name: &str, version: &str| format!("{SETUP}[project]\nname = {name:?}\nversion = {version:?}\n");
        make_git(&served.join("tool.git"), "feature/x", "python", &project("Sub_Tool", "0.3"));
        fs::create_dir(served.join("wheels")).unwrap();
        fs::write(served.join("wheels/index.html"), "<a href=\"tiny-1.0%2Bcpu-py3-none-any.whl\">tiny</a>\n").unwrap();
        make_wheel(&served.join("wheels"), "tiny", "1.0+cpu");
        make_wheel(&served, "guarded", "2.0");

        let second = repository.path("second");
        fs::create_dir(&second).unwrap();
        fs::write(second.join("pyproject.toml"), project("second-tool", "0.1") + "[tool.setuptools]\npackages = []\n")
            .unwrap();
        Self { repository, is_native, web: Web::start(host, served) }
    }

    /// Asks for packages of every kind.
    fn ask(&self) -> String {
        let web = self.web.address();
        let text = format!(
            "# What is asked for.\nname: template-project\n\nchannels:\n  - conda-forge\n\ndependencies:\n  - python>=3.11\n  - pip\n  \
             - pip:\n      - --find-links http://{web}/wheels/\n      # Wheels, in quotes.\n      - \"rich>=13\"   # for tables\n      \
             # A source archive alone.\n      - docopt\n      - 'requests[socks]'\n      - colorama; sys_platform == 'win32'\n      \
             - Sub-Tool @ git+http://{web}/tool.git@feature/x#subdirectory=python\n      - Zope_Interface\n      \
             - sortedcontainers==2.4.0\n\n# The end.\n"
        );
        self.repository.write("dependencies/environment.yml", &text);
        text
    }

    fn environment_yml(&self) -> String {
        fs::read_to_string(self.repository.path("dependencies/environment.yml")).unwrap()
    }

    fn xtask(&self, words: &[&str]) -> assert_cmd::Command {
        let mut xtask = self.repository.xtask(words);
        if self.is_native {
            xtask.env("ENGINE", "native");
        }
        xtask
    }

    /// What a verb that ends with this code tells.
    fn tells(&self, words: &[&str], code: i32) -> String {
        let output = self.xtask(words).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
        told
    }

    /// Runs pip in the environment, as a person would by hand.
    fn pip(&self, words: &[&str]) {
        let pip = [&["python", "-m", "pip"], words].concat();
        if self.is_native {
            let mut python = command(self.repository.path(".venv/bin/python").to_str().unwrap());
            python.args(&pip[1..]).current_dir(self.repository.path(""));
            bounded(python).assert().success();
        } else {
            self.xtask(&[&["exec", "--"], &pip[..]].concat()).assert().success();
        }
    }

    /// The uv that the tool uses.
    fn uv(&self) -> String {
        let ours =
            fs::read_dir(self.repository.path("target/xtask")).unwrap().map(|it| it.unwrap().path().join("bin/uv"));
        ours.into_iter().find(|it| it.exists()).map_or_else(|| "uv".to_owned(), |it| it.display().to_string())
    }

    /// A path of the repository where the environment is.
    fn path(&self, relative: &str) -> String {
        let root =
            if self.is_native { self.repository.path("").display().to_string() } else { "/opt/project".to_owned() };
        Path::new(&root).join(relative).display().to_string()
    }

    /// What is installed: name, version and origin of each. Of a file that it has downloaded, uv notes no digest.
    fn installed(&self) -> Vec<[String; 3]> {
        let output = self.xtask(&["list", "--pip", "--json"]).assert().success().get_output().stdout.clone();
        let text = String::from_utf8(output).unwrap();
        let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let cell = |row: &Value, name: &str| row[name].as_str().unwrap().split("#sha256").next().unwrap().to_owned();
        rows.map(|row| ["name", "version", "source"].map(|it| cell(&row, it))).collect()
    }

    fn make(&self, locked: &[&str]) {
        if self.is_native {
            self.xtask(&["down", "--yes"]).assert().success();
            self.xtask(&[&["build"], locked].concat()).assert().success();
        } else {
            self.xtask(&["down"]).assert().success();
            self.xtask(&[&["build", "all"], locked].concat()).assert().success();
            self.xtask(&["up", "--wait"]).assert().success();
        }
    }
}

/// The story of an environment from its first build to the one from the lock.
fn is_frozen_and_made_again(trial: &Trial) {
    let intent = trial.ask();
    trial.make(&[]);
    let told = trial.tells(&["drift"], 0);
    assert!(told.contains("there is no lock"), "{told}");
    what_is_done_by_hand_is_told(trial);
    what_is_installed_is_written(trial);
    what_was_asked_for_comes_back(trial, &intent);
    it_is_made_again(trial);
    if trial.is_native {
        is_installed_by_other_tools(trial);
    }
    an_update_is_told(trial);
}

fn what_is_done_by_hand_is_told(trial: &Trial) {
    let web = trial.web.address();
    trial.pip(&["install", "--quiet", "humanize"]);
    trial.pip(&[
        "install",
        "--quiet",
        "--no-deps",
        &format!("http://{web}/guarded-2.0-py3-none-any.whl?token={SECRET}"),
    ]);
    trial.pip(&[
        "install",
        "--quiet",
        "--no-index",
        "--trusted-host",
        web.split(':').next().unwrap(),
        "--find-links",
        &format!("http://{web}/wheels/"),
        "tiny==1.0+cpu",
    ]);
    trial.pip(&["install", "--quiet", "--editable", &trial.path("second")]);
    trial.pip(&["uninstall", "--quiet", "--yes", "sortedcontainers"]);
    let told = trial.tells(&["drift"], 1);
    for (code, what) in [
        ("W0801", "`second-tool` is installed as editable from `file://"),
        ("E0807", "`humanize "),
        ("E0807", "`guarded @ http"),
        ("E0807", "`tiny 1.0+cpu` was installed with pip but is not listed"),
        ("E0805", "`sortedcontainers` is listed but not installed"),
    ] {
        assert!(told.contains(&format!("[{code}]: {what}")), "no {code} {what} in {told}");
    }
    assert!(!told.contains(SECRET), "{told}");
}

fn what_is_installed_is_written(trial: &Trial) {
    let web = trial.web.address();
    let told = trial.tells(&["freeze"], 0);
    assert!(told.contains("[W0801]: `second-tool` is"), "{told}");
    assert!(told.contains("warning: `guarded`: a password or token in its URL was left out"), "{told}");
    let frozen = trial.environment_yml();
    has_lines(
        &frozen,
        &[
            ("  - python=3.", "  # intent: python>=3.11"),
            ("      - \"rich==", "\"   # for tables  # intent: \"rich>=13\""),
            ("      - docopt==", "  # intent: docopt"),
            ("      - 'requests[socks]==", "'  # intent: 'requests[socks]'"),
            ("      - colorama; sys_platform == 'win32'", ""),
            (&format!("      - Sub-Tool @ git+http://{web}/tool.git@"), "@feature/x#subdirectory=python"),
            ("      - Zope_Interface==", "  # intent: Zope_Interface"),
            ("      - sortedcontainers==2.4.0", ""),
            ("      - humanize==", "  # added by freeze"),
            ("      - guarded @ http", "-any.whl#sha256="),
            ("      - tiny==1.0+cpu", "  # added by freeze"),
        ],
    );
    assert!(!frozen.contains("second") && !frozen.contains("ysocks"), "{frozen}");
    assert_eq!(files_with(trial, SECRET), <[String; 0]>::default());

    // A package that is gone is told until it is back; nothing else is.
    let told = trial.tells(&["drift"], 1);
    assert_eq!(codes(&told), ["W0801", "E0805"], "{told}");
    trial.pip(&["install", "--quiet", "sortedcontainers==2.4.0"]);
    trial.tells(&["freeze"], 0);
    let told = trial.tells(&["drift"], 0);
    assert_eq!(codes(&told), ["W0801"], "{told}");
}

fn what_was_asked_for_comes_back(trial: &Trial, intent: &str) {
    let before = contents(trial);
    let told = trial.tells(&["freeze"], 0);
    assert!(told.contains("the files are up to date; nothing was changed"), "{told}");
    assert!(contents(trial) == before);

    trial.tells(&["thaw"], 0);
    let thawed = trial.environment_yml();
    let added: Vec<&str> = thawed.lines().filter(|it| it.contains("  # added by freeze")).collect();
    assert_eq!(added.len(), 3, "{thawed}");
    let rest: String = thawed.split_inclusive('\n').filter(|it| !it.contains("  # added by freeze")).collect();
    assert_eq!(rest, intent);
    trial.tells(&["freeze"], 0);
    assert!(contents(trial) == before);
}

/// From the lock, all is there again but for what no other machine has.
fn it_is_made_again(trial: &Trial) {
    let before = contents(trial);
    // What was just frozen needs nothing.
    if trial.is_native {
        assert_eq!(trial.tells(&["run", "--", "true"], 0), "");
    }
    let without_second = |it: Vec<[String; 3]>| it.into_iter().filter(|it| it[0] != "second-tool").collect::<Vec<_>>();
    let installed = trial.installed();
    assert!(installed.iter().any(|it| it[0] == "second-tool"), "{installed:?}");
    trial.make(&["--locked"]);
    assert_eq!(trial.installed(), without_second(installed));
    let told = trial.tells(&["drift"], 0);
    assert_eq!(codes(&told), <[String; 0]>::default(), "{told}");
    trial.tells(&["freeze"], 0);
    assert!(contents(trial) == before);
}

fn an_update_is_told(trial: &Trial) {
    let listed = trial.xtask(&["list", "--pip"]).assert().success().get_output().stdout.clone();
    let listed = String::from_utf8(listed).unwrap();
    assert!(
        listed.starts_with("NAME ") && listed.lines().any(|it| it.starts_with("tiny ") && it.contains("1.0+cpu")),
        "{listed}"
    );

    trial.pip(&["install", "--quiet", "rich<13"]);
    let told = trial.tells(&["drift"], 1);
    assert!(told.contains("dependencies/environment.yml:13:") && told.contains("rich "), "{told}");
    assert!(
        told.lines()
            .any(|it| it.contains("[E0806]: rich ") && it.contains(" pinned, 12.") && it.ends_with(" installed")),
        "{told}"
    );
}

fn without_docker_every_kind_of_package_is_frozen_and_made_again(_: &Suite) {
    let repository = Repository::copy("freezing-native");
    is_frozen_and_made_again(&Trial::new(&repository, "127.0.0.1", true));
}

fn in_containers_every_kind_of_package_is_frozen_and_made_again(suite: &Suite) {
    let (repository, _turn) = suite.building("freezing");
    repository.write("dependencies/apt-dev.txt", "git\n");
    is_frozen_and_made_again(&Trial::new(&repository, &gateway(&suite.repository.image("runtime")), false));
}

fn whoever_works_in_the_container_freezes_from_there(suite: &Suite) {
    let container = DevContainer::new(Repository::copy_with_images_of(&suite.repository), "freezing", &[]);
    let repository = &container.repository;
    for path in
        ["", "dependencies", "dependencies/environment.yml", "installation/docker-amd64/.env", "target", "target/debug"]
    {
        let path = repository.path(path);
        if !path.exists() {
            fs::create_dir(&path).unwrap();
        }
        chown(&path, Some(container.user.0), Some(container.user.1)).unwrap();
    }
    container.xtask(&["up", "--wait"]).assert().success();
    let update = |words: &[&str]| {
        let output = container.xtask(&[&["exec", "--", "update_env_file"], words].concat()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told) = update(&["--lock-only"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("run this outside of it instead: cargo xtask freeze --lock-only\n"), "{told}");

    fs::copy(env!("CARGO_BIN_EXE_xtask"), repository.path("target/debug/xtask")).unwrap();
    let (code, told) = update(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("read this container") && told.contains("for the first time"), "{told}");
    let frozen = fs::read_to_string(repository.path("dependencies/environment.yml")).unwrap();
    has_lines(&frozen, &[("      - tqdm==", "  # intent: tqdm")]);
    for file in ["environment.yml", "lock/linux-amd64/lock.toml", "lock/linux-amd64/pylock.toml"] {
        let owner = fs::metadata(repository.path("dependencies").join(file)).unwrap();
        assert_eq!((owner.uid(), owner.gid()), container.user, "{file}");
    }
    let (code, told) = update(&["--check"]);
    assert_eq!(code, Some(0), "{told}");
    // From outside it is the same.
    container.xtask(&["freeze", "--check"]).assert().success();
}

/// The lock is one of uv's and pip's own, who install the same from it without us.
fn is_installed_by_other_tools(trial: &Trial) {
    let pylock = trial.repository.path("dependencies/lock/linux-amd64/pylock.toml");
    let pylock = pylock.to_str().unwrap();
    let python = trial.repository.path(".venv/bin/python");
    let locked: Vec<[String; 3]> = trial.installed().into_iter().filter(|it| it[0] != "template-project").collect();
    let locked: Vec<[&str; 2]> = locked.iter().map(|it| [it[0].as_str(), it[1].as_str()]).collect();
    for (label, words) in [("installed", &["install", "-r"][..]), ("synchronised", &["sync"])] {
        let prefix = trial.repository.directory(label);
        run(
            &trial.uv(),
            &["venv", "--quiet", "--allow-existing", "--python", python.to_str().unwrap(), prefix.to_str().unwrap()],
        );
        run(&trial.uv(), &[&["pip"], words, &[pylock, "--quiet", "--python", prefix.to_str().unwrap()]].concat());
        assert_eq!(installed_in(&prefix), locked, "{label}");
    }
    // Tried with pip 26.3: where other packages have digests it refuses repositories, which have none.
    let text = fs::read_to_string(pylock).unwrap();
    let (packages, repositories): (Vec<&str>, Vec<&str>) =
        text.split("\n[[packages]]\n").partition(|it| !it.contains("[packages.vcs]"));
    assert_eq!(repositories.len(), 1, "{text}");
    let prefix = trial.repository.directory("by-pip");
    fs::write(prefix.join("pylock.toml"), packages.join("\n[[packages]]\n")).unwrap();
    run(python.to_str().unwrap(), &["-m", "venv", "--without-pip", prefix.to_str().unwrap()]);
    let install = ["-m", "pip", "--python", prefix.to_str().unwrap(), "install", "--quiet", "-r"];
    run(python.to_str().unwrap(), &[&install[..], &[prefix.join("pylock.toml").to_str().unwrap()]].concat());
    let without_repository: Vec<[&str; 2]> = locked.into_iter().filter(|it| it[0] != "Sub_Tool").collect();
    assert_eq!(installed_in(&prefix), without_repository);
}

fn run(program: &str, words: &[&str]) {
    let mut command = command(program);
    command.args(words);
    bounded(command).assert().success();
}

/// The distributions in an environment that are not ours: name and version of each.
fn installed_in(prefix: &Path) -> Vec<[String; 2]> {
    let script = "import importlib.metadata as it, json, re, sys\n\
                  key = lambda it: re.sub('[-_.]+', '-', it[0]).lower()\n\
                  all = [(it.name, it.version) for it in it.distributions(path=[p for p in sys.path if 'site-packages' in p])]\n\
                  print(json.dumps(sorted(all, key=key)))";
    let mut python = command(prefix.join("bin/python").to_str().unwrap());
    python.args(["-I", "-c", script]);
    let output = bounded(python).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

/// Each line is there: its beginning, and what comes in it later.
fn has_lines(text: &str, lines: &[(&str, &str)]) {
    for (start, then) in lines {
        let found = text.lines().any(|it| it.strip_prefix(start).is_some_and(|it| it.contains(then)));
        assert!(found, "no line `{start}…{then}` in:\n{text}");
    }
}

/// The codes of findings, in order.
fn codes(told: &str) -> Vec<String> {
    let found = told.lines().filter_map(|it| it.strip_prefix("error[").or_else(|| it.strip_prefix("warning[")));
    // Who runs the tests as root is told of it.
    found.map(|it| it[..5].to_owned()).filter(|it| it != "W0508").collect()
}

/// What `dependencies/` holds.
fn contents(trial: &Trial) -> Vec<(String, String)> {
    files_below(&trial.repository.path("dependencies"))
}

/// The files below `dependencies/` and among what the tool keeps for itself that contain a text.
fn files_with(trial: &Trial, text: &str) -> Vec<String> {
    let all = ["dependencies", "target/xtask/lists"].map(|it| files_below(&trial.repository.path(it)));
    all.into_iter().flatten().filter(|(_, contents)| contents.contains(text)).map(|(path, _)| path).collect()
}

fn files_below(directory: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    files
}

/// A bare repository that a plain web server can serve, with a project in a subdirectory on a branch.
pub fn make_git(bare: &Path, branch: &str, subdirectory: &str, pyproject: &str) {
    let work = bare.with_extension("work");
    fs::create_dir_all(work.join(subdirectory)).unwrap();
    fs::write(work.join(subdirectory).join("pyproject.toml"), format!("{pyproject}[tool.setuptools]\npackages = []\n"))
        .unwrap();
    let git = |directory: &Path, words: &[&str]| {
        let mut git = command("git");
        git.args(["-c", "user.name=e2e", "-c", "user.email=e2e@example.org"]).args(words).current_dir(directory);
        bounded(git).assert().success();
    };
    git(&work, &["init", "--quiet", "--initial-branch=main"]);
    git(&work, &["commit", "--quiet", "--allow-empty", "--message=Nothing yet"]);
    git(&work, &["checkout", "--quiet", "-b", branch]);
    git(&work, &["add", "."]);
    git(&work, &["commit", "--quiet", "--message=A tool"]);
    git(&work, &["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    git(bare, &["update-server-info"]);
}

/// A wheel with one module.
pub fn make_wheel(directory: &Path, name: &str, version: &str) {
    let script = r#"
import sys, zipfile
directory, name, version = sys.argv[1:]
metadata = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{directory}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", "")
    wheel.writestr(f"{metadata}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    wheel.writestr(f"{metadata}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{metadata}/RECORD", "".join(f"{it},,\n" for it in wheel.namelist()))
"#;
    let mut python = command("python3");
    python.args(["-c", script]).arg(directory).args([name, version]);
    bounded(python).assert().success();
}
