//! What is to be submitted where, from the command line and the files of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use inputs::Project;
use jobs::{
    Entrypoint, Job, JobId, Resources, RetryPolicy, Site, SiteEngine, SiteName, parse_gpus, parse_memory, parse_sweep,
    parse_time, read_site,
};
use process::{EnvArg, files};

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
    /// Reads the site and the command line. All that the site cannot have is refused here.
    pub fn new(project: &Project, arguments: &SubmitArgs) -> Result<Self> {
        let site = site(project, &arguments.on)?;
        if let Some(job) = &arguments.job {
            bail!("`{job}`: descriptions in jobs/ are not read yet; give the command behind `--`");
        }
        let job = job(project, arguments)?;
        require_possible(&job, &site)?;
        let id = arguments.id.as_ref().map_or_else(|| new_id(&job.name), |it| it.id.clone());
        Ok(Self { id, job, site, wishes: wishes(arguments), is_clean: arguments.clean })
    }
}

/// The site of this name, from its file.
fn site(project: &Project, name: &str) -> Result<Site> {
    let folder = project.cx.layout.clusters();
    let path = folder.join(format!("{name}.toml"));
    if !name.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it)) {
        bail!("`{name}` is no name of a site: letters, digits, `-` and `_`");
    }
    let text = files::read_text_if_any(&path)?.with_context(|| {
        let known = files::files_in(&folder).unwrap_or_default();
        let known: Vec<&str> =
            known.iter().filter(|it| it.extension() == Some("toml")).filter_map(|it| it.file_stem()).collect();
        let known =
            if known.is_empty() { "there is none yet".to_owned() } else { format!("there are: {}", known.join(", ")) };
        format!("no site `{name}`, which would be {}; {known}", project.cx.layout.relative(&path))
    })?;
    read_site(SiteName(name.to_owned()), project.cx.layout.relative(&path).as_str(), &text)
}

fn job(project: &Project, arguments: &SubmitArgs) -> Result<Job> {
    let wishes = &arguments.wishes;
    let value = |it: &EnvArg| -> Result<(String, String)> {
        match it {
            EnvArg::Set(name, value) => Ok((name.clone(), value.clone())),
            EnvArg::Inherited(name) => {
                let value = project.cx.host.get(name).with_context(|| format!("`--env {name}`: it is not set here"))?;
                Ok((name.clone(), value.to_owned()))
            }
        }
    };
    let mut environment: BTreeMap<String, String> = BTreeMap::new();
    for passed in &arguments.passed.env {
        environment.extend([value(passed)?]);
    }
    let after = arguments.after.iter().map(|it| it.id.clone()).collect();
    Ok(Job {
        name: name_of(&project.pyproject.name),
        argv: arguments.command.clone(),
        entrypoint: Entrypoint::Keep,
        environment,
        environment_from_host: BTreeSet::new(),
        secrets: BTreeMap::new(),
        resources: Resources {
            cpus: wishes.cpus,
            memory: wishes.memory.as_deref().map(parse_memory).transpose().context("--memory")?,
            gpus: wishes.gpus.as_deref().map(parse_gpus).transpose().context("--gpus")?,
            nodes: wishes.nodes.unwrap_or(1).max(1),
            tasks_per_node: wishes.tasks.unwrap_or(1).max(1),
            time: wishes.time.as_deref().map(parse_time).transpose().context("--time")?,
            ..Resources::default()
        },
        mounts: Vec::new(),
        sweep: if arguments.sweep.is_empty() {
            None
        } else {
            Some(parse_sweep(&arguments.sweep, arguments.parallel).context("--sweep")?)
        },
        retry: RetryPolicy { max: wishes.retries, on_preemption: !wishes.no_requeue },
        after,
        keep_for: None,
    })
}

/// What the site's file says that it has not.
fn require_possible(job: &Job, site: &Site) -> Result<()> {
    let SiteEngine::Slurm(slurm) = &site.engine else { return Ok(()) };
    let name = &site.name.0;
    if let Some(gpus) = &job.resources.gpus
        && gpus.count > slurm.gpus_per_node
    {
        bail!("{} GPUs on each node: the site `{name}` has {} (`gpus_per_node`)", gpus.count, slurm.gpus_per_node);
    }
    if let Some(sweep) = &job.sweep
        && sweep.points.len() > slurm.max_array_size as usize
    {
        bail!(
            "{} parts: an array of the site `{name}` has at most {} (`max_array_size`, Slurm's MaxArraySize)",
            sweep.points.len(),
            slurm.max_array_size
        );
    }
    Ok(())
}

/// What the receipt says was asked for.
fn wishes(arguments: &SubmitArgs) -> BTreeMap<String, String> {
    let wishes = &arguments.wishes;
    let number = |it: Option<u32>| it.map(|it| it.to_string());
    let all = [
        ("gpus", wishes.gpus.clone()),
        ("cpus", number(wishes.cpus)),
        ("memory", wishes.memory.clone()),
        ("time", wishes.time.clone()),
        ("nodes", number(wishes.nodes)),
        ("tasks", number(wishes.tasks)),
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
