//! `conda.lock`, of an environment that a real solver has chosen and a real installer has made: py-rattler's.

use std::fs;
use std::path::Path;

use crate::support::{Repository, Subject, Suite, Web, bounded, command, trials};

/// Makes a channel and installs from it. Prints a line `URL DIGEST` for each file.
const INSTALL: &str = include_str!("conda_channel.py");

/// Prints the addresses that py-rattler reads in a list of files.
const READ: &str = "import pathlib, sys\n\
                    from rattler.explicit_environment import ExplicitEnvironmentSpec\n\
                    for it in ExplicitEnvironmentSpec.from_path(pathlib.Path(sys.argv[1])).packages: print(it.url)\n";

const LOCK: &str = "dependencies/lock/linux-amd64";

pub fn trials() -> Subject {
    trials![the_lock_has_the_files_that_were_installed_and_no_others]
}

fn the_lock_has_the_files_that_were_installed_and_no_others(_: &Suite) {
    let repository = Repository::copy("conda-lock");
    let rattler = repository.directory("rattler");
    python("python3", &["-m", "venv", rattler.to_str().unwrap()]);
    let rattler = rattler.join("bin/python").to_str().unwrap().to_owned();
    python(&rattler, &["-m", "pip", "install", "--quiet", "py-rattler==0.28.0"]);

    // The system's Python stands for that of conda, and the channel has an empty package of its version.
    let prefix = repository.path(".venv");
    python("python3", &["-m", "venv", "--without-pip", prefix.to_str().unwrap()]);
    let channel = repository.directory("channel");
    let web = Web::start("127.0.0.1", channel.clone());
    let url = format!("http://{}/", web.address());
    let installed = python(&rattler, &["-c", INSTALL, channel.to_str().unwrap(), &url, prefix.to_str().unwrap()]);
    assert_eq!(installed.lines().count(), 4, "{installed}");

    let text = format!("channels:\n  - {url}\ndependencies:\n  - python>=3\n  - tool<3  # ours\n  - certificates\n");
    repository.write("dependencies/environment.yml", &text);
    native(&repository, &["freeze"]);
    let frozen = fs::read_to_string(repository.path("dependencies/environment.yml")).unwrap();
    assert!(frozen.contains("  - tool=2.0  # ours  # intent: tool<3\n"), "{frozen}");
    assert!(!frozen.contains("x264"), "what is needed is in the lock alone:\n{frozen}");

    let lock = fs::read_to_string(repository.path(LOCK).join("conda.lock")).unwrap();
    let lines = lock.lines().filter(|it| it.contains("://"));
    let mut locked: Vec<String> = lines.map(|it| it.replace("#sha256:", " ")).collect();
    let read = python(&rattler, &["-c", READ, repository.path(LOCK).join("conda.lock").to_str().unwrap()]);
    assert_eq!(read.replace("#sha256:", " ").lines().collect::<Vec<_>>(), locked);
    // Installing runs scripts that may want what is needed.
    let place = |name: &str| locked.iter().position(|it| it.contains(&format!("/{name}-"))).unwrap();
    assert!(place("x264") < place("tool") && place("python") < place("tool"), "{lock}");
    locked.sort();
    let mut expected: Vec<&str> = installed.lines().collect();
    expected.sort_unstable();
    assert_eq!(locked, expected);

    // There is nothing for pip to install, which the file for it has to say in so many words.
    python(&rattler, &["-m", "pip", "install", "--quiet", "--upgrade", "pip>=26"]);
    let pylock = repository.path(LOCK).join("pylock.toml");
    python(&rattler, &["-m", "pip", "install", "--quiet", "-r", pylock.to_str().unwrap()]);
    native(&repository, &["drift"]);
}

fn native(repository: &Repository, words: &[&str]) {
    repository.xtask(words).env("ENGINE", "native").assert().success();
}

/// What a Python prints that must succeed.
fn python(program: impl AsRef<Path>, words: &[&str]) -> String {
    let mut python = command(program.as_ref().to_str().unwrap());
    python.args(words);
    let output = bounded(python).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}
