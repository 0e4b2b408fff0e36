//! Steps that are kept for other machines.

use std::collections::BTreeSet;

use crate::support::docker::{answer, docker};
use crate::support::{BuildLog, Registry, Repository, Subject, Suite, run_id, trials};

pub fn trials() -> Subject {
    trials![what_was_built_elsewhere_is_not_built_again]
}

/// The step that no other build of this engine has made, because it installs a project that only this run has.
const STEP: &str = "/scripts/project-install.sh";

fn what_was_built_elsewhere_is_not_built_again(suite: &Suite) {
    let (repository, _turn) = suite.building("caches");
    repository.ask_for_little();
    repository.edit("python-project/pyproject.toml", |it| it.replace("A Python research project.", run_id()));
    let registry = Registry::start();
    let before = records();
    let kinds = ["registry", "local"];
    for kind in kinds {
        let log = build(&repository, &registry, ["--cache-to", kind]);
        assert!(log.did(STEP), "this machine has nothing of it, like the next one: {kind}: {log:?}");
        forget_since(&before);
    }
    for kind in kinds {
        let log = build(&repository, &registry, ["--cache-from", kind]);
        assert!(!log.did(STEP), "{kind}: {log:?}");
        forget_since(&before);
    }
}

fn build(repository: &Repository, registry: &Registry, options: [&str; 2]) -> BuildLog {
    let mut build = repository.xtask(["build"].into_iter().chain(options));
    build.env("REGISTRY_HOSTNAME", registry.address()).env("BUILDKIT_PROGRESS", "plain");
    BuildLog::parse(&String::from_utf8_lossy(&build.assert().success().get_output().stderr))
}

/// The records of the builder's own cache.
fn records() -> BTreeSet<String> {
    let listed = answer(["buildx", "du", "--verbose"]);
    listed.lines().filter_map(|it| it.strip_prefix("ID:")).map(|it| it.trim().to_owned()).collect()
}

/// Removes what the builder has kept since. What was there before is its owner's.
fn forget_since(before: &BTreeSet<String>) {
    for id in records().difference(before) {
        docker(["buildx", "prune", "--force", "--all", "--filter", &format!("id={id}")]).assert().success();
    }
}
