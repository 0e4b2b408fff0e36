//! `check`: all input files, the Dockerfile and the compose file among them.

use anyhow::Result;
use camino::Utf8PathBuf;

use environment::LocalProject;
use inputs::{InputFiles, Inspection};
use installation::{ComposeFile, Dockerfile, Expected, LocalDirectory};
use materials::Exceptions;
use project::{Context, Machine, Pyproject, Settings};
use report::Findings;

use crate::{BuildSources, Target};

/// Everything that is wrong or doubtful in any input file, sorted. No process is started.
pub fn check(cx: &Context) -> Result<Findings> {
    let Inspection { mut findings, settings, pyproject, intent, .. } = inputs::inspect(cx, Machine::placeholder)?;
    check_dockerfile(cx, pyproject.as_ref(), &intent.environment.projects, &mut findings)?;
    check_compose(cx, settings.as_ref(), &mut findings)?;
    check_exceptions(cx, &mut findings)?;
    Ok(findings.sorted())
}

/// Of exceptions that have ended, the audit tells.
fn check_exceptions(cx: &Context, findings: &mut Findings) -> Result<()> {
    if let Some(source) = InputFiles::optional(&cx.layout, &cx.layout.audit(), findings)? {
        Exceptions::parse(&source, findings);
    }
    Ok(())
}

/// Without a readable pyproject.toml, the Dockerfile is only parsed: its context is not known.
fn check_dockerfile(
    cx: &Context,
    pyproject: Option<&Pyproject>,
    projects: &[LocalProject],
    findings: &mut Findings,
) -> Result<()> {
    if let Some(pyproject) = pyproject {
        if let Some(sources) = BuildSources::read_if_possible(cx, pyproject, projects, findings)? {
            findings.extend(sources.findings(pyproject));
        }
    } else if let Some(source) = InputFiles::required(&cx.layout, &cx.layout.dockerfile(), findings)? {
        Dockerfile::parse(&source, findings);
    }
    Ok(())
}

/// Without readable settings, the directories of its mounts are not checked.
fn check_compose(cx: &Context, settings: Option<&Settings>, findings: &mut Findings) -> Result<()> {
    let Some(source) = InputFiles::required(&cx.layout, &cx.layout.compose_file(), findings)? else { return Ok(()) };
    if let Some(compose) = ComposeFile::parse(&source, findings) {
        let expected = Expected {
            passed_arguments: &[],
            context_files: &[],
            targets: &Target::ALL.map(Target::name),
            variables: &project::variable_names().collect::<Vec<_>>(),
            local_directories: &settings.map(local_directories).unwrap_or_default(),
        };
        installation::check_compose(&source, &compose, &expected, findings);
    }
    Ok(())
}

fn local_directories(settings: &Settings) -> Vec<LocalDirectory<'static>> {
    let local = &settings.local;
    let directories = [
        ("LOCAL_PROJECT_DIR", &local.project),
        ("LOCAL_DATA_DIR", &local.data),
        ("LOCAL_OUTPUTS_DIR", &local.outputs),
        ("LOCAL_WANDB_DIR", &local.wandb),
    ];
    let directory =
        |(variable, path): (_, &Utf8PathBuf)| LocalDirectory { variable, path: path.clone(), exists: path.is_dir() };
    directories.into_iter().map(directory).collect()
}
