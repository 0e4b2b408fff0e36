//! What Kubernetes says of a job's parts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{LABEL, MAIN, PART_LABEL};
use crate::EngineState;

/// What one answer of `kubectl` says of jobs, by their ids.
#[derive(Debug, Clone, Default)]
pub struct KubernetesAnswers(BTreeMap<String, JobAnswer>);

/// A job's object and its pods.
#[derive(Debug, Clone, Default)]
struct JobAnswer {
    job: Option<JobStatus>,
    /// The youngest pod of each index, and the rest of them not at all.
    pods: BTreeMap<u32, PodState>,
}

#[derive(Debug, Clone)]
struct PodState {
    created: String,
    state: EngineState,
}

#[derive(Debug, Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind")]
enum Item {
    Job {
        metadata: ObjectMetadata,
        #[serde(default)]
        spec: JobSuspension,
        #[serde(default)]
        status: JobStatus,
    },
    Pod {
        metadata: ObjectMetadata,
        #[serde(default)]
        spec: PodPlace,
        #[serde(default)]
        status: PodStatus,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
struct JobSuspension {
    #[serde(default)]
    suspend: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct JobStatus {
    conditions: Vec<Condition>,
    /// Such as `0,3-5`.
    completed_indexes: String,
    failed_indexes: String,
    #[serde(skip)]
    is_suspended: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectMetadata {
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    creation_timestamp: String,
}

impl ObjectMetadata {
    /// The place among all pods of the job, as Kubernetes counts them, or as our own label says.
    fn index(&self) -> u32 {
        let counted = self.annotations.get("batch.kubernetes.io/job-completion-index");
        counted.or_else(|| self.labels.get(PART_LABEL)).and_then(|it| it.parse().ok()).unwrap_or(0)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodPlace {
    node_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodStatus {
    phase: String,
    reason: String,
    conditions: Vec<Condition>,
    container_statuses: Vec<ContainerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerStatus {
    name: String,
    state: ContainerState,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    waiting: Option<WaitingContainer>,
    terminated: Option<EndedContainer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WaitingContainer {
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EndedContainer {
    exit_code: u8,
    reason: String,
}

impl KubernetesAnswers {
    /// What `kubectl get jobs,pods --output=json` prints.
    pub fn parse(text: &str) -> Result<Self> {
        let list: List = serde_json::from_str(text).context("kubectl has not answered with a list of objects")?;
        let mut answers = Self::default();
        for item in list.items {
            match item {
                Item::Job { metadata, spec, status } => {
                    answers.of(&metadata).job = Some(JobStatus { is_suspended: spec.suspend, ..status });
                }
                Item::Pod { metadata, spec, status } => answers.of(&metadata).add(&metadata, spec, &status),
                Item::Other => {}
            }
        }
        Ok(answers)
    }

    fn of(&mut self, metadata: &ObjectMetadata) -> &mut JobAnswer {
        self.0.entry(metadata.labels.get(LABEL).cloned().unwrap_or_default()).or_default()
    }

    /// The state of one part of a job, which has as many pods as nodes.
    pub fn state(&self, id: &str, part: u32, nodes: u32) -> EngineState {
        self.0.get(id).map_or(EngineState::Absent, |it| it.state(part, nodes))
    }
}

impl JobAnswer {
    fn add(&mut self, metadata: &ObjectMetadata, place: PodPlace, status: &PodStatus) {
        let index = metadata.index();
        let is_youngest = self.pods.get(&index).is_none_or(|it| it.created < metadata.creation_timestamp);
        if is_youngest {
            let created = metadata.creation_timestamp.clone();
            self.pods.insert(index, PodState { created, state: status.state(place.node_name) });
        }
    }

    fn state(&self, part: u32, nodes: u32) -> EngineState {
        let states: Vec<EngineState> = (part * nodes..(part + 1) * nodes).map(|index| self.pod(index)).collect();
        let has_ended = |it: &EngineState| matches!(it, EngineState::Ended(_));
        let is_well = |it: &EngineState| *it == EngineState::Ended(0);
        let waiting = |it: &&EngineState| matches!(it, EngineState::Waiting(_));
        let unwell = |it: &&EngineState| !is_well(it);
        let telling = if states.iter().all(has_ended) {
            states.iter().find(unwell)
        } else {
            states.iter().find(waiting).or_else(|| states.iter().find(|it| !has_ended(it)))
        };
        telling.or(states.first()).cloned().unwrap_or(EngineState::Absent)
    }

    fn pod(&self, index: u32) -> EngineState {
        let Some(job) = &self.job else {
            return self.pods.get(&index).map_or(EngineState::Absent, |it| it.state.clone());
        };
        match self.pods.get(&index).map(|it| &it.state) {
            Some(EngineState::Ended(0)) => EngineState::Ended(0),
            // The next pod is not there yet, or the job will soon say that there will be none.
            Some(EngineState::Ended(_) | EngineState::Stopped(_)) if !job.has_given_up(index) => {
                EngineState::Waiting("to be run again".to_owned())
            }
            Some(state) => state.clone(),
            None => job.state(index),
        }
    }
}

impl JobStatus {
    /// Of an index that has no pod.
    fn state(&self, index: u32) -> EngineState {
        if indices(&self.completed_indexes).contains(&index) {
            return EngineState::Ended(0);
        }
        if indices(&self.failed_indexes).contains(&index) {
            return EngineState::Stopped("Failed".to_owned());
        }
        match self.end() {
            Some(Condition { kind, .. }) if kind == "Complete" => EngineState::Ended(0),
            Some(Condition { reason, .. }) => EngineState::Stopped(reason.clone()),
            None if self.is_suspended => EngineState::Waiting("Suspended".to_owned()),
            None => EngineState::Waiting(String::new()),
        }
    }

    fn has_given_up(&self, index: u32) -> bool {
        self.end().is_some() || indices(&self.failed_indexes).contains(&index)
    }

    fn end(&self) -> Option<&Condition> {
        self.conditions.iter().find(|it| it.status == "True" && ["Complete", "Failed"].contains(&it.kind.as_str()))
    }
}

impl PodStatus {
    fn state(&self, node: Option<String>) -> EngineState {
        // Another engine gives the only container a name of its own.
        let main = self.container_statuses.iter().find(|it| it.name == MAIN).or(self.container_statuses.first());
        let main = main.map(|it| &it.state);
        let ended = main.and_then(|it| it.terminated.as_ref());
        match (self.phase.as_str(), ended) {
            ("Succeeded", _) => EngineState::Ended(0),
            // Memory ran out, or the like: then the code says little.
            ("Failed", Some(it)) if self.reason.is_empty() && it.reason != "Error" && it.reason != "Completed" => {
                EngineState::Stopped(it.reason.clone())
            }
            ("Failed", Some(it)) if self.reason.is_empty() => EngineState::Ended(it.exit_code),
            ("Failed", _) => EngineState::Stopped(self.reason.clone()),
            ("Running", _) => EngineState::Running(node),
            _ => EngineState::Waiting(self.obstacle(main)),
        }
    }

    /// Why it has not started, in Kubernetes' word.
    fn obstacle(&self, main: Option<&ContainerState>) -> String {
        let waiting = main.and_then(|it| it.waiting.as_ref()).map(|it| it.reason.clone());
        let unscheduled = self.conditions.iter().find(|it| it.kind == "PodScheduled" && it.status == "False");
        waiting.or_else(|| unscheduled.map(|it| it.reason.clone())).unwrap_or_default()
    }
}

/// The numbers of such as `0,3-5`.
fn indices(text: &str) -> BTreeSet<u32> {
    let range = |it: &str| {
        let (first, last) = it.split_once('-').unwrap_or((it, it));
        Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?)
    };
    text.split(',').filter_map(range).flatten().collect()
}
