//! The Dockerfile and the compose file, checked against what this tool gives them.

use anyhow::Result;
use camino::Utf8PathBuf;

use docker::BuildRequest;
use inputs::files;
use installation::{self, ComposeFile, Dockerfile, Expected, LocalDirectory};
use project::{self, Context, Machine, Pyproject, Settings};
use report::Findings;

use crate::{ContextSources, Target, context_files};

/// Reads and checks both files. Without settings or the project's names, what depends on these is not checked.
fn check_installation(cx: &Context, settings: Option<&Settings>, pyproject: Option<&Pyproject>) -> Result<Findings> {
    let mut findings = check_dockerfile(cx, pyproject)?;
    let Some(source) = files::required(&cx.layout, &cx.layout.compose_file(), &mut findings)? else {
        return Ok(findings);
    };
    if let Some(compose) = ComposeFile::parse(&source, &mut findings) {
        let directories = settings.map(local_directories).unwrap_or_default();
        expecting(&[], &directories, |expected| {
            installation::check_compose(&source, &compose, expected, &mut findings);
        });
    }
    Ok(findings)
}

/// Reads and checks the Dockerfile alone, which is what a build needs.
pub fn check_dockerfile(cx: &Context, pyproject: Option<&Pyproject>) -> Result<Findings> {
    let mut findings = Findings::default();
    let Some(source) = files::required(&cx.layout, &cx.layout.dockerfile(), &mut findings)? else {
        return Ok(findings);
    };
    let dockerfile = Dockerfile::parse(&source, &mut findings);
    if let Some(pyproject) = pyproject {
        let files = context_files(pyproject, &ContextSources::load(&cx.layout, pyproject)?);
        expecting(&files, &[], |expected| {
            installation::check_dockerfile(&source, &dockerfile, expected, &mut findings);
        });
    }
    Ok(findings)
}

fn expecting(context_files: &[Utf8PathBuf], local_directories: &[LocalDirectory], check: impl FnOnce(&Expected)) {
    check(&Expected {
        passed_arguments: &BuildRequest::ARGUMENTS,
        context_files,
        targets: &Target::ALL.map(Target::name),
        variables: &project::variable_names().collect::<Vec<_>>(),
        local_directories,
    });
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

/// Everything that is wrong or doubtful in any input file, sorted. Starts no process and changes nothing.
pub fn check(cx: &Context) -> Result<Findings> {
    let inspection = inputs::inspect(cx, Machine::any)?;
    let mut findings = check_installation(cx, inspection.settings.as_ref(), inspection.pyproject.as_ref())?;
    findings.extend(inspection.findings);
    Ok(findings.sorted())
}
