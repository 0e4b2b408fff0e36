//! What Run:ai is given: calls of its command line, version 2. Each part of an array is a workload of its own, because Run:ai does not
//! promise to number the pods of one.
//!
//! Source: <https://docs.nvidia.com/run-ai/self-hosted/reference/cli/runai/training/runai-training-standard-submit>.

use std::fmt::Display;
use std::iter::once;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use process::Invocation;

use super::kubernetes::{self, KubernetesClient, LABEL, OBJECTS, PART_LABEL, SHIM_FILES};
use super::{
    CodeSource, GRACE_MARGIN, GpuKind, ImageSource, JobId, JobSecret, MountSource, PartName, RenderedJob, RunAiSite,
    SHIM_IN_IMAGE, ShimSurroundings, SignalReach, Submission, TimeKeeper, refusals::of_runai,
};

/// Where the code of a job is put. Run:ai's command line has no empty volumes, and any user can write below this.
const CODE: &str = "/tmp/project";

/// Where the keys of secrets are files, below a folder for each secret.
const SECRETS: &str = "/opt/xtask-secrets";

/// Room for `-` and an index.
const LONGEST_NAME: usize = 57;

/// The object with the job's files, the call of `kubectl` that makes it, and a call of `runai` for each part.
///
/// `folder` is the run's folder on this machine.
pub fn render(submission: &Submission, site: &RunAiSite, folder: &Utf8Path) -> Result<RenderedJob> {
    require_expressible(submission)?;
    let submission = with_readable_secrets(submission);
    let mut files = kubernetes::files_of(&submission);
    let commands = submission.whole_commands();
    files.retain(|it| it.path != commands.path);
    files.push(commands);
    let namespace = namespace(&site.project);
    let object = kubernetes::files_object(&submission, &namespace, files)?;
    let apply = KubernetesClient::at(&namespace).apply(&folder.join(OBJECTS));
    let parts = submission.job.sweep.as_ref().map_or(1, |it| it.points.len());
    let common = common_options(&submission, site)?;
    // Run:ai takes a command as one text, and does not say how it is cut into words: all words but ours are in the job's files.
    let mut wordless = submission;
    wordless.job.argv.clear();
    let submits = (0..parts).map(|index| submit(&wordless, &common, index));
    Ok(RenderedJob { files: vec![object], invocations: once(apply).chain(submits).collect() })
}

/// The namespace that Run:ai makes for a project, unless its administrator says otherwise.
///
/// Source: <https://docs.nvidia.com/run-ai/self-hosted/platform-management/aiinitiatives/organization/projects>.
pub fn namespace(project: &str) -> String {
    format!("runai-{project}")
}

/// What Run:ai runs for a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAiWorkload {
    /// `standard`, or `pytorch` for what makes several pods find each other.
    kind: String,
    name: String,
}

pub fn workload(part: &PartName, nodes: u32) -> RunAiWorkload {
    let kind = if nodes > 1 { "pytorch" } else { "standard" };
    let name = part.index.map_or_else(|| part.id.0.clone(), |index| format!("{}-{index}", part.id.0));
    RunAiWorkload { kind: kind.to_owned(), name }
}

/// The one that a call of [`render`] makes; none for another call.
pub fn workload_of(call: &Invocation) -> Option<RunAiWorkload> {
    match call.arguments() {
        [training, kind, submit, name, ..] if training == "training" && submit == "submit" => {
            Some(RunAiWorkload { kind: kind.clone(), name: name.clone() })
        }
        _ => None,
    }
}

/// Prints the output of a workload.
pub fn logs(project: &str, workload: &RunAiWorkload, is_followed: bool) -> Invocation {
    about(project, workload, "logs").args(is_followed.then_some("--follow"))
}

/// Ends a workload and removes it.
pub fn delete(project: &str, workload: &RunAiWorkload) -> Invocation {
    about(project, workload, "delete")
}

fn about(project: &str, RunAiWorkload { kind, name }: &RunAiWorkload, verb: &str) -> Invocation {
    Invocation::new("runai").args(["training", kind, verb, name, "--project", project])
}

fn submit(submission: &Submission, common: &[String], index: usize) -> Invocation {
    let is_array = submission.job.sweep.is_some();
    let part =
        PartName { id: JobId(submission.id.0.clone()), index: is_array.then(|| u32::try_from(index).ok()).flatten() };
    let first = format!("XTASK_JOB_FIRST={index}");
    let label = format!("{PART_LABEL}={index}");
    let RunAiWorkload { kind, name } = workload(&part, submission.job.resources.nodes);
    Invocation::new("runai")
        .args(["training", &kind, "submit", &name])
        .args(common.iter().cloned())
        .args(["--label", &label, "--environment", &first])
        .arg("--command")
        .arg("--")
        .args(submission.shim_command(Utf8Path::new(SHIM_IN_IMAGE)))
}

/// The options of every part.
fn common_options(submission: &Submission, site: &RunAiSite) -> Result<Vec<String>> {
    let Some(ImageSource::Registry(image)) = &submission.image else {
        bail!("Run:ai takes an image from a registry alone: `cargo xtask push`, and `cargo xtask submit` again");
    };
    let resources = &submission.job.resources;
    let mut options = Options::default();
    options.set("project", &site.project);
    options.set("image", image);
    // By digest, it is the same image as long as it is there.
    options.set("image-pull-policy", "IfNotPresent");
    site.node_pools.iter().for_each(|it| options.set("node-pools", it));
    options.set("label", format!("{LABEL}={}", submission.id.0));
    options.set("configmap-map-volume", format!("name={},path={SHIM_FILES}", submission.id.0));
    options.set("working-dir", "/tmp");
    for (name, value) in variables(submission) {
        options.set("environment", format!("{name}={}", kubernetes::literal(&value)));
    }
    resources.cpus.iter().for_each(|it| options.set("cpu-core-request", it));
    if let Some(memory) = resources.memory {
        options.set("cpu-memory-request", kubernetes::memory(memory));
        options.set("cpu-memory-limit", kubernetes::memory(memory));
    }
    if let Some(request) = &resources.gpus {
        options.set("gpu-devices-request", request.count);
        match &request.kind {
            GpuKind::Any => {}
            GpuKind::Model(model) => options.set("node-type", model),
            GpuKind::Fraction(part) => {
                options.set("gpu-request-type", "portion");
                options.set("gpu-portion-request", part);
            }
            GpuKind::Mig(_) => bail!("Run:ai's parts of a GPU by MIG are deprecated: ask for a fraction"),
        }
    }
    if resources.shm.is_some() {
        options.flag("large-shm");
    }
    for (name, path) in secret_folders(submission) {
        options.set("secret-volume", format!("path={path},name={name}"));
    }
    storage(submission, &mut options)?;
    let ids = submission.ids;
    options.set("run-as-uid", ids.uid);
    options.set("run-as-gid", ids.gid);
    if !site.groups.is_empty() {
        options.set("supplemental-groups", site.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    }
    options.set("backoff-limit", submission.job.retry.max);
    if let Some(time) = submission.job.keep_for {
        options.set("auto-deletion-time-after-completion", duration(time));
    }
    if let Some(grace) = resources.grace {
        options.set("termination-grace-period", duration(grace + GRACE_MARGIN));
    }
    if resources.nodes > 1 {
        // The first pod is the master, and no worker.
        options.set("workers", resources.nodes - 1);
    }
    Ok(options.0)
}

/// Options of a command line.
#[derive(Debug, Default)]
struct Options(Vec<String>);

impl Options {
    fn set(&mut self, name: &str, value: impl Display) {
        self.0.extend([format!("--{name}"), value.to_string()]);
    }

    fn flag(&mut self, name: &str) {
        self.0.push(format!("--{name}"));
    }
}

fn variables(submission: &Submission) -> Vec<(String, String)> {
    let run = kubernetes::run_folder(submission);
    let files = Utf8Path::new(SHIM_FILES);
    let surroundings =
        ShimSurroundings { files, run: run.as_deref(), signals: SignalReach::First, time: TimeKeeper::Shim };
    let own = submission.site.environment.iter().filter(|(name, _)| !submission.job.environment.contains_key(*name));
    let own = own.chain(&submission.job.environment).map(|(name, value)| (name.clone(), value.clone()));
    let mut shim = submission.shim_variables(&surroundings);
    let commands = files.join(submission.whole_commands().path);
    shim.retain(|(name, _)| *name != "XTASK_JOB_ARGUMENTS");
    shim.push(("XTASK_JOB_ARGUMENTS", commands.into_string()));
    let code = match &submission.code {
        CodeSource::Archive(_) => Utf8Path::new(CODE),
        CodeSource::Directory(_) => &submission.paths.root,
    };
    let project = submission.paths.project.strip_prefix(&submission.paths.root).unwrap_or(Utf8Path::new(""));
    shim.push(("PROJECT_ROOT", code.to_string()));
    shim.push(("PROJECT_DIR", code.join(project).into_string()));
    shim.push(("DATA_DIR", submission.paths.data.to_string()));
    shim.push(("OUTPUTS_DIR", submission.paths.outputs.to_string()));
    if submission.job.resources.nodes == 1 {
        // Else the number at the end of the pod's name would count.
        shim.push(("JOB_COMPLETION_INDEX", "0".to_owned()));
    }
    own.chain(shim.into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}

fn storage(submission: &Submission, options: &mut Options) -> Result<()> {
    let Submission { site, paths, job, .. } = submission;
    let code = match &submission.code {
        CodeSource::Directory(path) => Some((MountSource::Host(path.clone()), paths.root.clone(), false)),
        CodeSource::Archive(_) => None,
    };
    let of_site = [
        (&site.storage.data, paths.data.clone()),
        (&site.storage.outputs, paths.outputs.clone()),
        (&site.storage.runs, kubernetes::runs(&paths.outputs)),
    ];
    let of_site = of_site.into_iter().filter_map(|(source, target)| Some((source.clone()?, target, false)));
    let own = job.mounts.iter().map(|it| (it.source.clone(), it.target.clone(), it.is_read_only));
    for (source, target, is_read_only) in code.into_iter().chain(of_site).chain(own) {
        match source {
            MountSource::Claim(_) if is_read_only => {
                bail!("Run:ai mounts a claim for reading and writing: leave out `read_only` of the mount at {target}")
            }
            MountSource::Claim(claim) => options.set("existing-pvc", format!("claimname={claim},path={target}")),
            MountSource::Host(path) => {
                let access = if is_read_only { "" } else { ",readwrite" };
                options.set("host-path", format!("path={path},mount={target}{access}"));
            }
            MountSource::Scratch => {
                bail!("Run:ai's command line gives no scratch space: use a folder of /tmp instead of {target}")
            }
        }
    }
    Ok(())
}

/// The shim reads a secret from a file, and Run:ai mounts each key as one.
fn with_readable_secrets(submission: &Submission) -> Submission {
    let mut submission = submission.clone();
    for secret in submission.job.secrets.values_mut() {
        if let JobSecret::Key { secret: name, key } = secret {
            *secret = JobSecret::File(Utf8Path::new(SECRETS).join(name).join(key));
        }
    }
    submission
}

/// Each secret once, with the folder that has its keys.
fn secret_folders(submission: &Submission) -> Vec<(String, Utf8PathBuf)> {
    let mut folders: Vec<(String, Utf8PathBuf)> = submission
        .job
        .secrets
        .values()
        .filter_map(|it| match it {
            JobSecret::File(path) => path.parent().and_then(|it| Some((it.file_name()?.to_owned(), it.to_owned()))),
            JobSecret::Key { .. } => None,
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// In Go's words.
fn duration(time: Duration) -> String {
    format!("{}s", time.as_secs())
}

/// What Run:ai has no words for is an error with its reason: nothing that was asked for is left out.
fn require_expressible(submission: &Submission) -> Result<()> {
    let Submission { id, job, .. } = submission;
    ensure!(
        id.0.len() <= LONGEST_NAME,
        "the job's name with its mark, `{}`, is longer than {LONGEST_NAME} characters, and the index is appended to it",
        id.0
    );
    if let Some(refusal) = of_runai(job).into_iter().next() {
        bail!(refusal.reason);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
