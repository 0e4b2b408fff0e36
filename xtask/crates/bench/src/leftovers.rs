//! What a benchmark leaves in Docker, and how it is removed: also when somebody has asked this program to stop. Errors of Docker
//! are ignored, because there may be nothing to remove.

use std::collections::BTreeSet;

use docker::{CacheRecord, cache_records_query};
use process::Invocation;
use project::Context;

/// How a benchmark's images and its records in the builder's cache are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchIdentity {
    /// The label of its images.
    pub label: String,
    /// Words in the command of a step that every base image of it is built on by. The records do not tell whose they are, but
    /// all that is built on what this step is built on is the benchmark's.
    pub mark: String,
}

/// What there is of a benchmark in Docker at some time.
#[derive(Debug, Clone, Default)]
pub struct DockerState {
    /// The ids of its images.
    images: BTreeSet<String>,
    /// The ids of its records in the builder's cache.
    records: BTreeSet<String>,
}

impl DockerState {
    pub fn now(cx: &Context, identity: &BenchIdentity) -> Self {
        let images = images(cx, &identity.label).into_iter().collect();
        Self { images, records: records(cx, &identity.mark).into_iter().map(|it| it.id).collect() }
    }

    /// Removes what has come since.
    pub fn restore(&self, cx: &Context, identity: &BenchIdentity) {
        let mut new = images(cx, &identity.label);
        new.retain(|it| !self.images.contains(it));
        remove_images(cx, &new);
        self.remove_new_records(cx, &identity.mark);
    }

    /// A record goes only after those that are built on it. There are several passes, because the builder needs some a moment
    /// longer.
    fn remove_new_records(&self, cx: &Context, mark: &str) {
        let mut left = usize::MAX;
        loop {
            let mut new = records(cx, mark);
            new.retain(|it| !self.records.contains(&it.id));
            if new.is_empty() || new.len() >= left {
                return;
            }
            left = new.len();
            for record in new.iter().rev() {
                ask(cx, &record.removal());
            }
        }
    }
}

/// Removes containers that have a label.
pub fn remove_containers(cx: &Context, label: &str) {
    let containers = docker(cx, &["ps", "--all", "--quiet", "--filter", &format!("label={label}")]);
    if !containers.is_empty() {
        docker(cx, &[&["rm", "--force", "--volumes"][..], &containers.lines().collect::<Vec<_>>()].concat());
    }
}

fn images(cx: &Context, label: &str) -> Vec<String> {
    let list = docker(cx, &["images", "--quiet", "--no-trunc", "--filter", &format!("label={label}")]);
    list.lines().map(str::to_owned).collect()
}

fn remove_images(cx: &Context, ids: &[String]) {
    if !ids.is_empty() {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        docker(cx, &[&["image", "rm", "--force"][..], &ids].concat());
    }
}

/// Those of the benchmark, each before those that are built on it.
fn records(cx: &Context, mark: &str) -> Vec<CacheRecord> {
    built_beside(CacheRecord::parse_all(&ask(cx, &cache_records_query())), mark)
}

/// What is built on the records that those with this mark are built on, one generation after another.
fn built_beside(records: Vec<CacheRecord>, mark: &str) -> Vec<CacheRecord> {
    let marked = records.iter().filter(|it| it.description.contains(mark));
    let mut known: BTreeSet<String> = marked.flat_map(|it| it.parents.iter().cloned()).collect();
    let (mut of_bench, mut others) = (Vec::new(), records);
    loop {
        let (next, rest): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|it| it.parents.iter().any(|it| known.contains(it)));
        if next.is_empty() {
            return of_bench;
        }
        known.extend(next.iter().map(|it| it.id.clone()));
        of_bench.extend(next);
        others = rest;
    }
}

fn docker(cx: &Context, arguments: &[&str]) -> String {
    ask(cx, &Invocation::new("docker").args(arguments.iter().copied()))
}

fn ask(cx: &Context, invocation: &Invocation) -> String {
    cx.runner.clean_up(invocation).map(|it| it.stdout).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, parents: &[&str], description: &str) -> CacheRecord {
        let parents = parents.iter().map(|it| (*it).to_owned()).collect();
        CacheRecord { id: id.to_owned(), parents, description: description.to_owned() }
    }

    #[test]
    fn what_is_built_on_the_marked_base_image_is_the_benchmarks_and_nothing_else() {
        let records = vec![
            record("layer", &["base"], "mount / from exec /bin/sh -c apt-get install"),
            record("debian", &[], "from local"),
            record("base", &["debian"], "from local"),
            record("mark", &["base"], "mount / from exec /bin/sh -c : xtask-bench lab"),
            record("copy", &["other", "layer"], "fileop target"),
            record("other", &["debian"], "mount / from exec /bin/sh -c make"),
            record("mark of another", &["debian"], "mount / from exec /bin/sh -c : xtask-bench"),
        ];
        let ids: Vec<String> = built_beside(records, ": xtask-bench lab").into_iter().map(|it| it.id).collect();
        assert_eq!(ids, ["layer", "mark", "copy"]);
    }
}
