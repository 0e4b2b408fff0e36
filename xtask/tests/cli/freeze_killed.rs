//! A `freeze` that is killed: the next command finds the files of before or of after, all of them.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::installed::{offer, put_prefix, snapshot};
use crate::repository::Repository;
use crate::tree::{Tree, tree_of};

const KILLS: u32 = 50;

/// A repository with an environment, and the files that the next `freeze` changes, as they are and as they will be.
struct AboutToFreeze {
    repository: Repository,
    old: Tree,
    new: Tree,
}

impl AboutToFreeze {
    fn new() -> Self {
        let repository = Repository::with_settings("ENGINE=native\n");
        put_prefix(&repository);
        install(&repository, "1:2.39", &["tqdm 4.66.0"]);
        repository.xtask(["freeze"]).exits(0);
        let old = dependencies(&repository);
        // A newer version, one that was installed by hand, and another system package: all files change.
        install(&repository, "1:2.47", &["rich 13.9.4", "tqdm 4.67.1"]);
        repository.xtask(["freeze"]).exits(0);
        let new = dependencies(&repository);
        let changed: Vec<String> = changed_files(&old, &new);
        let lock = ["apt.txt", "lock.toml", "pylock.toml"].map(|it| format!("lock/linux-amd64/{it}"));
        assert_eq!(changed, [&["environment.yml".to_owned()], &lock[..]].concat());
        let it = Self { repository, old, new };
        it.reset();
        it
    }

    fn reset(&self) {
        fs::remove_dir_all(self.repository.path("dependencies")).unwrap();
        for (path, (_, contents)) in self.old.iter().filter(|(path, _)| path.extension().is_some()) {
            let path = format!("dependencies/{}", path.display());
            self.repository.write_bytes(&path, contents);
        }
        assert!(dependencies(&self.repository) == self.old, "the test puts back all files");
    }

    /// Kills a `freeze` some time after its start.
    fn kill_after(&self, delay: Duration) {
        let mut freeze = self.repository.command();
        let mut freeze =
            freeze.arg("freeze").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(delay);
        freeze.kill().unwrap();
        freeze.wait().unwrap();
    }
}

/// Lets the environment have these packages and git of this version, and an index have the packages.
fn install(repository: &Repository, git: &str, packages: &[&str]) {
    let mut snapshot = snapshot(packages);
    snapshot["platform"]["machine"] = json!("x86_64");
    snapshot["apt"] = json!([{"name": "git", "version": git, "architecture": "amd64"}]);
    repository.stand_ins.note("snapshot", &snapshot.to_string());
    offer(repository, packages);
}

fn dependencies(repository: &Repository) -> Tree {
    tree_of(&repository.path("dependencies"))
}

fn changed_files(old: &Tree, new: &Tree) -> Vec<String> {
    let changed = new.iter().filter(|(path, contents)| old.get(*path) != Some(contents));
    changed.map(|(path, _)| path.display().to_string()).collect()
}

#[test]
fn killed_at_any_moment_it_has_changed_all_files_or_none() {
    let freeze = AboutToFreeze::new();
    let start = Instant::now();
    freeze.repository.xtask(["freeze"]).exits(0);
    let whole = start.elapsed();
    for moment in 1..=KILLS {
        freeze.reset();
        freeze.kill_after(whole * moment / KILLS);
        freeze.repository.xtask([if moment % 2 == 0 { "check" } else { "drift" }]);
        let found = dependencies(&freeze.repository);
        let is_whole = found == freeze.old || found == freeze.new;
        assert!(
            is_whole,
            "killed at moment {moment} of {KILLS}, it has changed {:?}",
            changed_files(&freeze.old, &found)
        );
    }
}

#[test]
fn what_it_leaves_beside_a_file_is_removed_by_the_next_command() {
    let freeze = AboutToFreeze::new();
    for verb in ["check", "thaw", "status"] {
        let beside = [
            "dependencies",
            "dependencies/lock/linux-amd64",
            "installation/docker-amd64",
            "target/xtask",
            "target/xtask/lists",
            ".venv",
        ]
        .map(|it| freeze.repository.path(it).join(".xtask-4711-0.new"));
        for it in &beside {
            fs::write(it, "half").unwrap();
        }
        freeze.repository.xtask([verb]);
        assert_eq!(beside.iter().filter(|it| it.exists()).count(), 0, "{verb}");
    }
}
