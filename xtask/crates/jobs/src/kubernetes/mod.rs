//! What Kubernetes is given, and what it answers.

mod client;
mod config_map;
mod objects;
mod pod;
mod quantity;
mod status;
mod volumes;
mod yaml;

use anyhow::{Result, bail, ensure};
use camino::Utf8Path;

use objects::{
    ExitCodes, FailurePolicy, FailureRule, JobSpec, Map, Metadata, Object, PodConditionPattern, ServiceSpec, WithSpec,
};

use super::{JobId, KubernetesSite, RUN_AGAIN, RenderedFile, RenderedJob, Submission, refusals::of_kubernetes};

pub use client::{KubernetesClient, LogRequest};
pub(super) use config_map::files_of;
pub(super) use quantity::{literal, memory};
pub use status::KubernetesAnswers;
pub(super) use volumes::{SHIM_FILES, run_folder, runs};

/// The file of a run's folder that has all objects of a job.
pub const OBJECTS: &str = "objects.yaml";

/// The first version in which each part of a job can fail for itself by default.
const OLDEST: (u16, u16) = (1, 29);

/// The container of the command.
const MAIN: &str = "main";

/// What an object's label has to fit into, with what Kubernetes appends to the name of a job's pod.
const LONGEST_NAME: usize = 57;

/// Every object of a job has it, with the job's name.
pub(super) const LABEL: &str = "xtask/job";

/// The pods of a job whose parts are several objects have it, with the part's index.
pub(super) const PART_LABEL: &str = "xtask/part";

/// The objects, and the call of `kubectl` that makes them. It may be repeated: what is there already stays as it is.
///
/// `folder` is the run's folder on this machine.
pub fn render(submission: &Submission, site: &KubernetesSite, folder: &Utf8Path) -> Result<RenderedJob> {
    require_expressible(submission, site)?;
    let objects = objects(submission, site)?;
    let file = RenderedFile { path: OBJECTS.into(), contents: objects.into_bytes(), is_executable: false };
    Ok(RenderedJob { files: vec![file], invocations: vec![KubernetesClient::of(site).apply(&folder.join(OBJECTS))] })
}

/// In the order in which they are made: what a pod needs goes before it.
fn objects(submission: &Submission, site: &KubernetesSite) -> Result<String> {
    let id = &submission.id.0;
    let metadata =
        || Metadata { name: Some(id.clone()), namespace: Some(site.namespace.clone()), labels: labels(&submission.id) };
    let mut text = yaml::document(&config_map::config_map(files_of(submission), metadata())?)?;
    if submission.job.resources.nodes > 1 {
        text += &yaml::document(&service(metadata()))?;
    }
    let mut job = metadata();
    let queue = site.queue.iter().map(|it| ("kueue.x-k8s.io/queue-name".to_owned(), it.clone()));
    job.labels.extend(queue);
    let body = WithSpec { spec: job_spec(submission, site)? };
    text += &yaml::document(&Object { api_version: "batch/v1", kind: "Job", metadata: job, body })?;
    Ok(text)
}

/// The object that has files for a job which another engine makes.
pub(super) fn files_object(submission: &Submission, namespace: &str, files: Vec<RenderedFile>) -> Result<RenderedFile> {
    let metadata = Metadata {
        name: Some(submission.id.0.clone()),
        namespace: Some(namespace.to_owned()),
        labels: labels(&submission.id),
    };
    let text = yaml::document(&config_map::config_map(files, metadata)?)?;
    Ok(RenderedFile { path: OBJECTS.into(), contents: text.into_bytes(), is_executable: false })
}

fn labels(id: &JobId) -> Map {
    [("app.kubernetes.io/managed-by", "xtask"), (LABEL, &id.0)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// Gives each pod of a job on several nodes a name that the others can find, from the start on.
fn service(metadata: Metadata) -> Object<WithSpec<ServiceSpec>> {
    let spec = ServiceSpec { cluster_ip: "None", publish_not_ready_addresses: true, selector: metadata.labels.clone() };
    Object { api_version: "v1", kind: "Service", metadata, body: WithSpec { spec } }
}

fn job_spec(submission: &Submission, site: &KubernetesSite) -> Result<JobSpec> {
    let job = &submission.job;
    let nodes = u64::from(job.resources.nodes);
    let parts = job.sweep.as_ref().map_or(1, |it| it.points.len() as u64);
    let at_once = job.sweep.as_ref().and_then(|it| it.max_parallel).map_or(parts, u64::from);
    Ok(JobSpec {
        completion_mode: "Indexed",
        completions: parts * nodes,
        parallelism: at_once.min(parts) * nodes,
        backoff_limit_per_index: job.retry.max,
        // The one that goes with a failure policy.
        pod_replacement_policy: "Failed",
        pod_failure_policy: FailurePolicy { rules: failure_rules(submission) },
        ttl_seconds_after_finished: job.keep_for.map(quantity::seconds),
        template: pod::template(submission, site, labels(&submission.id), &submission.id.0)?,
    })
}

/// The first that fits is obeyed; what fits none counts as a failure, of which there may be as many as the job says.
fn failure_rules(submission: &Submission) -> Vec<FailureRule> {
    let on_code = |action, operator, values| FailureRule {
        action,
        on_exit_codes: Some(ExitCodes { container_name: MAIN, operator, values }),
        on_pod_conditions: Vec::new(),
    };
    let preempted = FailureRule {
        action: if submission.job.retry.on_preemption { "Ignore" } else { "FailIndex" },
        on_exit_codes: None,
        on_pod_conditions: vec![PodConditionPattern { kind: "DisruptionTarget", status: "True" }],
    };
    // One of several nodes is no use without the others.
    let alone = (submission.job.resources.nodes > 1).then(|| on_code("FailJob", "NotIn", vec![0, RUN_AGAIN]));
    [on_code("Ignore", "In", vec![RUN_AGAIN]), preempted].into_iter().chain(alone).collect()
}

/// What Kubernetes has no words for is an error with its reason: nothing that was asked for is left out.
fn require_expressible(submission: &Submission, site: &KubernetesSite) -> Result<()> {
    let Submission { id, job, .. } = submission;
    let (major, minor) = site.version;
    ensure!(
        site.version >= OLDEST,
        "Kubernetes {major}.{minor} has no retries for each part of a job, which came with {}.{}",
        OLDEST.0,
        OLDEST.1
    );
    ensure!(
        id.0.len() <= LONGEST_NAME,
        "the job's name with its mark, `{}`, is longer than {LONGEST_NAME} characters, and Kubernetes appends to it",
        id.0
    );
    if let Some(refusal) = of_kubernetes(job, &submission.site.name, site).into_iter().next() {
        bail!(refusal.reason);
    }
    ensure!(
        job.resources.nodes == 1 || !id.0.starts_with(|it: char| it.is_ascii_digit()),
        "a service of Kubernetes begins with a letter, and the nodes of `{}` need one to find each other",
        id.0
    );
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
