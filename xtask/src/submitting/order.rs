//! What is to be submitted where, from the command line and the files of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use inputs::Project;
use jobs::{
    Entrypoint, Job, JobId, Resources, RetryPolicy, Site, SiteEngine, parse_gpus, parse_memory, parse_sweep, parse_time,
};
use process::EnvArg;

use super::described;
use crate::cli::SubmitArgs;

/// One submission, before anything is decided that depends on the site.
#[derive(Debug)]
pub struct SubmitOrder {
    pub id: JobId,
    pub job: Job,
    pub site: Site,
    /// What was asked for, in the words of whoever did.
    pub wishes: BTreeMap<String, String>,
    /// Whether code that is in no commit is refused.
    pub is_clean: bool,
}

impl SubmitOrder {
    /// Reads the site, the job and the command line, whose options go before what the job's file says. All that the site cannot give is
    /// refused here.
    pub fn new(project: &Project, arguments: &SubmitArgs) -> Result<Self> {
        let site = described::read_site(project.cx, &arguments.on)?;
        let described = arguments.job.as_deref().map(|it| described::read_job(project.cx, it)).transpose()?;
        let job = match &described {
            Some(described) => described.job.clone(),
            None => job_of_command(project, &arguments.command),
        };
        let job = with_options(project, job, arguments)?;
        let job = if matches!(site.engine, SiteEngine::Slurm(_)) { with_host_variables(project, job)? } else { job };
        described::require_possible(&job, &site, described.as_ref())?;
        let id = arguments.id.as_ref().map_or_else(|| new_id(&job.name), |it| it.id.clone());
        Ok(Self { id, wishes: wishes(&job, arguments), job, site, is_clean: arguments.clean })
    }
}

fn job_of_command(project: &Project, command: &[String]) -> Job {
    Job {
        name: name_of(&project.pyproject.name),
        argv: command.to_vec(),
        entrypoint: Entrypoint::Keep,
        environment: BTreeMap::new(),
        environment_from_host: BTreeSet::new(),
        secrets: BTreeMap::new(),
        resources: Resources::default(),
        mounts: Vec::new(),
        sweep: None,
        retry: RetryPolicy { max: 0, on_preemption: true },
        after: Vec::new(),
        keep_for: None,
    }
}

/// A job with what the command line says of it.
fn with_options(project: &Project, mut job: Job, arguments: &SubmitArgs) -> Result<Job> {
    let wishes = &arguments.wishes;
    for passed in &arguments.passed.env {
        job.environment.extend([match passed {
            EnvArg::Set(name, value) => (name.clone(), value.clone()),
            EnvArg::Inherited(name) => {
                (name.clone(), host_value(project, name).with_context(|| format!("`--env {name}`"))?)
            }
        }]);
    }
    let resources = &mut job.resources;
    resources.cpus = wishes.cpus.or(resources.cpus);
    resources.memory = wishes.memory.as_deref().map(parse_memory).transpose().context("--memory")?.or(resources.memory);
    if let Some(gpus) = &wishes.gpus {
        resources.gpus = Some(parse_gpus(gpus).context("--gpus")?);
    }
    resources.nodes = wishes.nodes.unwrap_or(resources.nodes).max(1);
    resources.tasks_per_node = wishes.tasks.unwrap_or(resources.tasks_per_node).max(1);
    resources.time = wishes.time.as_deref().map(parse_time).transpose().context("--time")?.or(resources.time);
    if !arguments.sweep.is_empty() {
        job.sweep = Some(parse_sweep(&arguments.sweep, arguments.parallel).context("--sweep")?);
    }
    job.retry.max = wishes.retries.unwrap_or(job.retry.max);
    job.retry.on_preemption &= !wishes.no_requeue;
    job.after.extend(arguments.after.iter().map(|it| it.id.clone()));
    Ok(job)
}

/// Gives a job the values of the variables that it takes from whoever submits it. They travel in a private file.
fn with_host_variables(project: &Project, mut job: Job) -> Result<Job> {
    for name in std::mem::take(&mut job.environment_from_host) {
        let value = host_value(project, &name).with_context(|| format!("`environment_from_host` names {name}"))?;
        job.environment.entry(name).or_insert(value);
    }
    Ok(job)
}

fn host_value(project: &Project, name: &str) -> Result<String> {
    project.cx.host.get(name).map(str::to_owned).with_context(|| format!("the variable {name} is not set here"))
}

/// What the receipt says was asked for.
fn wishes(job: &Job, arguments: &SubmitArgs) -> BTreeMap<String, String> {
    let (wishes, resources) = (&arguments.wishes, &job.resources);
    let number = |it: u32| Some(it).filter(|it| *it > 1).map(|it| it.to_string());
    let bytes = resources.memory.map(|it| it.0.to_string());
    let seconds = resources.time.map(|it| format!("{}s", it.as_secs()));
    let all = [
        ("gpus", wishes.gpus.clone().or_else(|| resources.gpus.as_ref().map(ToString::to_string))),
        ("cpus", resources.cpus.map(|it| it.to_string())),
        ("memory", wishes.memory.clone().or(bytes)),
        ("time", wishes.time.clone().or(seconds)),
        ("nodes", number(resources.nodes)),
        ("tasks", number(resources.tasks_per_node)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A DNS label of at most 40 characters, which leaves room for a number and for what engines append.
fn name_of(project: &str) -> String {
    let label: String =
        project.to_lowercase().chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).take(40).collect();
    label.trim_matches('-').to_owned()
}

/// The job's name, and the time in a form that sorts and is short.
fn new_id(name: &str) -> JobId {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut left = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
    let mut digits = Vec::new();
    while left > 0 {
        digits.push(char::from(DIGITS[(left % 36) as usize]));
        left /= 36;
    }
    JobId(format!("{name}-{}", digits.iter().rev().collect::<String>()))
}
