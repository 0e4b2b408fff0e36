//! The client of a container, a build or a command in a container is ended at each of its requests to a real engine.

mod relay;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::report::{Extent, Report, all_again};
use crate::support::{Repository, docker, host_variable};
use crate::tree::{Tree, tree_of};
use crate::verdict::{Harm, shortened};
use crate::world::{leftover_processes, let_an_hour_pass, within};

use relay::{Moment, Relay, Stage};

/// After which a client that has come to no other request is ended: its command runs.
const QUIET: Duration = Duration::from_secs(3);
/// How soon what a client has left has to be gone: a command is told by TERM, and has five seconds.
const LIMIT: Duration = Duration::from_secs(15);
/// More than a client takes to get anywhere.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a client does.
#[derive(Debug, Clone, Copy)]
struct Client {
    name: &'static str,
    verb: &'static [&'static str],
    /// What comes next, and has to succeed.
    next: &'static [&'static str],
    /// Whether a dev container runs before it.
    needs_dev: bool,
}

const RUN: Client = Client {
    name: "the client of run is gone",
    verb: &["run", "--", "sleep", "60"],
    next: &["run", "--", "true"],
    needs_dev: false,
};
const EXEC: Client = Client {
    name: "the client of exec is gone",
    verb: &["exec", "--", "sleep", "20"],
    next: &["exec", "--", "true"],
    needs_dev: true,
};
const UP: Client = Client { name: "the client of up is gone", verb: &["up"], next: &["up"], needs_dev: false };
const BUILD: Client = Client {
    name: "the client of build is gone",
    verb: &["build", "runtime", "--force"],
    next: &["build", "runtime", "--force"],
    needs_dev: false,
};

pub fn run(report: &mut Report, extent: Extent) {
    RUN.try_each_stage(report, extent);
}

pub fn exec(report: &mut Report, extent: Extent) {
    EXEC.try_each_stage(report, extent);
}

pub fn up(report: &mut Report, extent: Extent) {
    UP.try_each_stage(report, extent);
}

pub fn build(report: &mut Report, extent: Extent) {
    BUILD.try_each_stage(report, extent);
}

/// Why there is no engine to try this on, if so.
pub fn lacks_engine() -> Option<String> {
    match docker::require_daemon() {
        Err(why) => Some(why),
        Ok(()) => (!engine_socket().exists()).then(|| "the Docker engine is not on this machine".to_owned()),
    }
}

fn engine_socket() -> PathBuf {
    let host = host_variable("DOCKER_HOST").unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned());
    host.strip_prefix("unix://").map_or_else(PathBuf::new, PathBuf::from)
}

/// Images that all of them use. They are built once, and removed with the last trial.
fn repository(label: &str) -> Repository {
    let repository = Repository::copy(label);
    repository.ask_for_little();
    repository.xtask(["build", "all"]).assert().success();
    repository
}

/// What is there that could be left.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Things {
    containers: usize,
    images: Vec<String>,
    files: Vec<String>,
}

impl Client {
    fn try_each_stage(self, report: &mut Report, extent: Extent) {
        let repository = repository(self.verb[0]);
        self.prepare(&repository);
        let requests = self.follow(&repository, None).requests();
        assert!(!requests.is_empty(), "{} makes requests", self.name);
        self.finish(&repository);
        let usual = Things::of(&repository);
        for stage in extent.of(stages(requests.len()), 2) {
            self.prepare(&repository);
            let seen = self.follow(&repository, Some(stage)).requests();
            let mut harms = self.finish(&repository);
            harms.extend(usual.harms(&repository));
            let place = seen.get(stage.request - 1).map_or("while its command runs", String::as_str);
            let what = format!(
                "`{}`, {} at request {}, {:?} `{place}`",
                self.verb.join(" "),
                stage.signal,
                stage.request,
                stage.moment
            );
            report.add(&what, &all_again(self.name), &harms);
        }
    }

    fn prepare(self, repository: &Repository) {
        if self.needs_dev {
            repository.xtask(["up"]).assert().success();
        }
    }

    /// Runs the client up to a stage, or until its command has run for a while, and ends it there.
    fn follow(self, repository: &Repository, stage: Option<Stage>) -> Relay {
        let relay = Relay::start(&engine_socket(), stage);
        let mut program: Command = repository.program(self.verb);
        program.env("DOCKER_HOST", relay.address()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut client = program.spawn().unwrap();
        relay.watch(client.id());
        let (mut seen, mut since) = (0, SystemTime::now());
        let ended = within(PATIENCE, || {
            let count = relay.requests().len();
            if count != seen {
                (seen, since) = (count, SystemTime::now());
            }
            let is_quiet = seen > 0 && since.elapsed().is_ok_and(|it| it > QUIET) && self.verb.contains(&"sleep");
            client.try_wait().unwrap().map(|_| ()).or_else(|| is_quiet.then_some(()))
        });
        if ended.is_none() || client.try_wait().unwrap().is_none() {
            client.kill().unwrap();
            client.wait().unwrap();
        }
        relay
    }

    /// The next command, and the end of a dev container.
    fn finish(self, repository: &Repository) -> Vec<Harm> {
        let mut harms = Vec::new();
        // The next command is not the next moment's.
        let_an_hour_pass(&repository.path("target"));
        let output = repository.xtask(self.next).output().unwrap();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            harms.push(Harm::ByHand(format!("`{}` fails afterwards: {said}", self.next.join(" "))));
        }
        if self.needs_dev || self.verb == ["up"] {
            let down = repository.xtask(["down"]).output().unwrap();
            if !down.status.success() {
                harms.push(Harm::ByHand(format!("`down` fails: {}", String::from_utf8_lossy(&down.stderr))));
            }
        }
        harms
    }
}

/// Each request, each moment of it; and one more, which is never made, so that the client ends while its command runs.
fn stages(requests: usize) -> Vec<Stage> {
    let of = |request| {
        [("KILL", Moment::Before), ("KILL", Moment::After), ("TERM", Moment::After)].map(|(signal, moment)| Stage {
            request,
            moment,
            signal,
        })
    };
    let last = Stage { request: usize::MAX, moment: Moment::Before, signal: "KILL" };
    (1..=requests).flat_map(of).chain([last]).collect()
}

impl Things {
    fn of(repository: &Repository) -> Self {
        let name = repository.image("");
        let listed = docker::answer(["images", "--format", "{{.Repository}}:{{.Tag}}", name.trim_end_matches(':')]);
        let mut images: Vec<String> = listed.lines().map(str::to_owned).collect();
        images.sort();
        Self {
            containers: docker::containers_of(&repository.compose_project()).len(),
            images,
            files: files(repository),
        }
    }

    /// What is there and usually is not, once it has had the time to go.
    fn harms(&self, repository: &Repository) -> Vec<Harm> {
        let mut found = Self::of(repository);
        within(LIMIT, || {
            found = Self::of(repository);
            (found == *self).then_some(())
        });
        let mut left: Vec<String> = found.images.iter().chain(&found.files).cloned().collect();
        left.retain(|it| !self.images.contains(it) && !self.files.contains(it));
        left.extend(leftover_processes(&format!("COMPOSE_PROJECT_NAME={}\0", repository.compose_project()), LIMIT));
        if found.containers != self.containers {
            left.push(format!("{} containers instead of {}", found.containers, self.containers));
            docker::remove_project(&repository.compose_project());
        }
        if left.is_empty() { Vec::new() } else { vec![Harm::Left(shortened(&left))] }
    }
}

/// What the tool has generated. Leases are counted: their names are never the same.
fn files(repository: &Repository) -> Vec<String> {
    let work = repository.path("target");
    let paths = if work.exists() { tree_of(&work) } else { Tree::new() };
    let (leases, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
        paths.keys().partition(|it| it.parent().is_some_and(|it| it.ends_with("leases")));
    let others = others.into_iter().map(|it| it.display().to_string());
    others.chain((1..=leases.len()).map(|it| format!("lease {it}"))).collect()
}
