//! A signal to any verb ends it, and what it has started, with the code of the signal.

use std::fs::{self, Permissions};
use std::os::unix::{
    fs::{PermissionsExt as _, symlink},
    process::ExitStatusExt as _,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::init::clone;
use crate::installed::install;
use crate::repository::Repository;
use crate::tree::tree_of;
use crate::up::put;

/// After which a command that does not come so far, or does not end, has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Each verb that waits for others, and words of the call in which it does. What a signal to `exec` and `shell` comes to is up to
/// their command; the end-to-end tests have these.
const VERBS: &[(&str, &str)] = &[
    ("add rich", "pip compile"),
    ("audit --database records", "run --rm"),
    // Compiled only when it is asked for.
    #[cfg(feature = "bench")]
    ("bench --quick", "buildx build"),
    ("build dev --force", "buildx build"),
    ("build all --force", "buildx bake"),
    ("dev true", "run --rm"),
    ("down", " down"),
    ("drift --from image", "run --rm"),
    ("freeze --from container", "exec "),
    ("freeze --from image", "run --rm"),
    ("list --from image", "run --rm"),
    ("lock", "pip compile"),
    ("logs", "logs "),
    ("prune", "image ls"),
    ("pull", "pull "),
    ("push", "push "),
    ("restart", " start"),
    ("run true", "run --rm"),
    ("sbom", "run --rm"),
    ("size", "history "),
    ("start", " start"),
    ("status", "ps "),
    ("stop", " stop"),
    ("up", " up "),
    ("verify", "buildx build"),
];

/// `base` asks for the keys of a distribution before it starts what makes the image, so that this machine has to have them.
const BASES: [(&str, &str); 2] =
    [("debian/bookworm", "debian-archive-keyring.gpg"), ("ubuntu/noble", "ubuntu-archive-keyring.gpg")];

const SIGNALS: [(&str, i32); 3] = [("TERM", 143), ("INT", 130), ("HUP", 129)];

#[test]
fn it_ends_each_verb_with_its_code_and_no_list_is_changed() {
    let mut wrong = Vec::new();
    let base = base_of_this_machine();
    let base = base.iter().map(|line| (line.as_str(), "mmdebstrap"));
    for (line, words) in VERBS.iter().copied().chain(base) {
        for (signal, code) in SIGNALS {
            let repository = repository(line, words);
            let before = tree_of(&repository.path("dependencies"));
            let ended = end(&repository, line, signal);
            if ended != Some(code) {
                wrong.push(format!("`{line}` ended by {signal}: {ended:?}"));
            }
            if tree_of(&repository.path("dependencies")) != before {
                wrong.push(format!("`{line}` ended by {signal} has changed a file"));
            }
            let left = temporaries(&repository);
            if !left.is_empty() {
                wrong.push(format!("`{line}` ended by {signal} has left {left:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `base` is told to make; `None` where this machine has the keys of neither distribution.
fn base_of_this_machine() -> Option<String> {
    let has_keys = |it: &&(&str, &str)| Path::new("/usr/share/keyrings").join(it.1).is_file();
    let mirrors = "--mirror https://m.example.org/debian --security-mirror https://m.example.org/security";
    BASES.iter().find(has_keys).map(|(release, _)| format!("base {release} {mirrors}"))
}

/// The files in the repository, `target/xtask` included, that are called as those that wait for their places, and what `base`
/// has made so far.
fn temporaries(repository: &Repository) -> Vec<PathBuf> {
    let is_temporary = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        (name.starts_with(".xtask-") && name.ends_with(".new")) || path.ends_with("target/xtask/base")
    };
    repository.tree().into_keys().filter(is_temporary).collect()
}

/// With what the verb is for: images, an environment, a lock, a dev container.
fn repository(line: &str, words: &str) -> Repository {
    if line.starts_with("bench") {
        // It copies what git has.
        let repository = clone();
        repository.stand_ins.note("hangs-at", words);
        return repository;
    }
    let repository = Repository::with_settings("REGISTRY_HOSTNAME=registry.example.org\n");
    for target in ["runtime", "dev"].into_iter().filter(|_| line != "pull") {
        repository.xtask(["build", target]).exits(0);
    }
    install(&repository, &["tqdm 4.66.0"]);
    if line == "verify" {
        repository.xtask(["freeze", "--from", "image"]).exits(0);
    }
    if line != "up" {
        put(&repository, if line == "start" { "exited" } else { "running" }, "");
    }
    repository.stand_ins.note("hangs-at", words);
    if words == "mmdebstrap" {
        let script = format!("#!/bin/sh\n: >'{}'\nexec sleep 600\n", repository.temp("state/hangs").display());
        let program = repository.bin().join(words);
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        symlink(&program, repository.bin().join("newuidmap")).unwrap();
    }
    repository
}

/// Sends the verb a signal in the midst of its work. `None` where it does not come so far, or does not end.
fn end(repository: &Repository, line: &str, signal: &str) -> Option<i32> {
    let mut command = repository.command();
    command.args(line.split(' ')).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let hangs = repository.temp("state/hangs");
    let has_come_so_far = soon(|| hangs.exists().then_some(()));
    let sent = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let status = soon(|| child.try_wait().unwrap());
    if status.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    has_come_so_far?;
    status.and_then(|it| it.code().or_else(|| it.signal().map(|signal| 128 + signal)))
}

fn soon<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return Some(found);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}
