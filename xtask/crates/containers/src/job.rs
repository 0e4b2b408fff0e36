//! Commands in the background, each in a container of its own: named, kept with their output and exit code until somebody has
//! read these.

use anyhow::{Result, bail};

use docker::{Container, ContainerState};
use inputs::Project;
use process::files::{NewFile, RepositoryLock};
use project::{Context, JobName};

use super::list;

/// The name of a job's container.
pub fn job_container(project: &Project, name: &JobName) -> String {
    format!("{}-{name}", project.settings.compose_project)
}

/// Keeps others of this checkout from naming a job until it has been started, so that of many at once each gets a name of its own.
pub fn lock_names(cx: &Context) -> Result<RepositoryLock> {
    cx.files.create_dir(&cx.layout.dev_files())?;
    cx.files.lock(&cx.layout.dev_files().join("jobs.lock"), cx.ui)
}

/// The name of a job that is about to start: the given one, or one that is made of the command. One that has ended and been read
/// makes room for a new one of its name; others are an error. The caller holds [the lock](lock_names).
pub fn name_of_new_job(project: &Project, given: Option<&JobName>, command: &[String]) -> Result<JobName> {
    let containers = list(project)?;
    forget_removed(project.cx, &containers);
    let Some(name) = given else {
        let taken: Vec<&str> = containers.iter().filter_map(|it| it.job.as_deref()).collect();
        return Ok(JobName::of_command(command, &taken));
    };
    let Some(old) = containers.iter().find(|it| it.job.as_deref() == Some(name.as_str())) else {
        return Ok(name.clone());
    };
    if !old.has_ended() {
        bail!("the job `{name}` has not ended: choose another name, or end it with `cargo xtask stop {name}`");
    }
    if !is_read(project.cx, old) {
        bail!(
            "the job `{name}` has ended{}, and nobody has read that: `cargo xtask logs {name}` or `cargo xtask wait {name}`, and then \
             its name is free",
            with_code(old)
        );
    }
    project.cx.runner.clean_up(&old.removal())?;
    Ok(name.clone())
}

/// The job of a name, running or ended.
pub fn find_job(project: &Project, name: &str) -> Result<Container> {
    let containers = list(project)?;
    let of_name = |it: &&Container| it.job.as_deref() == Some(name) || (it.service.is_none() && it.name == name);
    if let Some(job) = containers.iter().find(of_name) {
        return Ok(job.clone());
    }
    let names: Vec<&str> = containers.iter().filter_map(|it| it.job.as_deref()).collect();
    if names.is_empty() {
        bail!("there is no job `{name}`: `cargo xtask run -d --name {name} -- COMMAND` starts one");
    }
    bail!("there is no job `{name}`; there are {}", names.join(", "));
}

/// Ends a job. Its output and exit code stay.
pub fn stop_job(project: &Project, name: &str) -> Result<()> {
    let job = find_job(project, name)?;
    if job.state == ContainerState::Stopped {
        project.cx.ui.notice(format_args!("the job `{name}` has ended already{}", with_code(&job)));
        return Ok(());
    }
    let answer = project.cx.runner.change(&job.stop())?;
    if !answer.exit.success() {
        bail!("the job `{name}` was not ended: {}", answer.stderr.trim());
    }
    Ok(())
}

/// In words behind `has ended`.
pub fn with_code(job: &Container) -> String {
    job.exit_code().map(|it| format!(" with exit code {it}")).unwrap_or_default()
}

/// Notes that somebody knows how a job has ended. One that has not is left as it is.
pub fn mark_as_read(cx: &Context, job: &Container) -> Result<()> {
    if job.job.is_none() || !job.has_ended() {
        return Ok(());
    }
    cx.files.create_dir(&cx.layout.read_jobs())?;
    cx.files.write(&cx.layout.read_jobs().join(&job.id), &NewFile::text(""))
}

/// Of jobs that are not there any more nobody need know whether they were read.
fn forget_removed(cx: &Context, containers: &[Container]) {
    for entry in cx.layout.read_jobs().read_dir_utf8().into_iter().flatten().flatten() {
        if !containers.iter().any(|it| it.id == entry.file_name()) {
            // One that stays does no harm.
            _ = cx.files.remove_file(entry.path());
        }
    }
}

pub fn is_read(cx: &Context, job: &Container) -> bool {
    cx.layout.read_jobs().join(&job.id).exists()
}
