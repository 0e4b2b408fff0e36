//! Commands in the background, each in a container of its own: named, kept with their output and exit code until somebody has
//! read these.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};

use docker::{Container, ContainerState};
use inputs::Project;
use process::files::{NewFile, RepositoryLock};
use project::Context;

use super::list;

/// What people call a job. It is a part of the name of a container, and short enough for the name of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobName(String);

impl JobName {
    const MAX_LENGTH: usize = 40;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its container.
    pub fn container(&self, project: &Project) -> String {
        format!("{}-{}", project.settings.compose_project, self.0)
    }

    /// The program of a command, with a number that makes a new name of it.
    fn of_command(command: &[String], taken: &[&str]) -> Self {
        let program = command.first().map(String::as_str).unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default().to_lowercase();
        let plain: String = program.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect();
        let plain: String = plain.trim_matches('-').chars().take(Self::MAX_LENGTH - 5).collect();
        let plain = if plain.is_empty() { "job" } else { plain.trim_end_matches('-') };
        let mut names = (1..).map(|number| format!("{plain}-{number}"));
        Self(names.find(|it| !taken.contains(&it.as_str())).unwrap_or_default())
    }
}

impl FromStr for JobName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        let is_name = !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('-') && !text.ends_with('-');
        if is_name && text.len() <= Self::MAX_LENGTH {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("write lower-case letters and digits with `-` between them, at most {}", Self::MAX_LENGTH))
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str, taken: &[&str]) -> String {
        JobName::of_command(&[command.to_owned()], taken).to_string()
    }

    #[test]
    fn a_job_without_a_name_is_called_by_its_program() {
        assert_eq!(of("python", &[]), "python-1");
        assert_eq!(of("/usr/bin/Python3.12", &["python3-12-1", "python3-12-2"]), "python3-12-3");
        assert_eq!(of("./…", &[]), "job-1");
        let long = of(&"x".repeat(90), &[]);
        assert!(long.parse::<JobName>().is_ok(), "{long}");
    }

    #[test]
    fn a_name_is_one_that_hosts_can_have() {
        for good in ["train", "a", "seed-7"] {
            assert_eq!(good.parse::<JobName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a b", &"x".repeat(41)] {
            assert!(bad.parse::<JobName>().is_err(), "{bad}");
        }
    }
}
