//! What Slurm is given, and what it answers.

mod bundle;
mod inquiry;
mod options;
mod queue;
mod step;

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use process::Invocation;

use super::{
    CodeSource, MountSource, RenderedFile, RenderedJob, ShimSurroundings, SignalReach, SlurmSite, Submission,
    TimeKeeper,
};

pub use bundle::unpacked_image;
pub use inquiry::{configuration_query, containers_query, resources_query, trial_query, version_query};
pub use queue::{QueueAnswer, QueueEntry, queue_query};

const BATCH: &str = include_str!("../../scripts/batch.sh");

/// The files below the run's folder, and the call of `sbatch` that starts the job.
///
/// Values travel in a file of `NAME=VALUE`, with NUL between them, and as arguments. Nothing of the shell that submits is inherited.
pub fn render(submission: &Submission, site: &SlurmSite) -> Result<RenderedJob> {
    let file =
        |path: &str, contents: Vec<u8>, is_executable| RenderedFile { path: path.into(), contents, is_executable };
    let mut files = submission.shim_files();
    files.push(file("batch.sh", BATCH.into(), true));
    files.push(file("environment", exported(&variables(submission)), false));
    if let Some(config) = bundle::render(submission, site)? {
        files.push(file("bundle/config.json", config, false));
        files.push(file(bundle::ROOT_MARKER, Vec::new(), false));
    }

    let run = &submission.run_directory;
    // Without an image, the programs of the environment are found by the job's own PATH.
    let own_path = submission.job.environment.get("PATH").filter(|_| submission.image.is_none());
    let batch = [own_path.unwrap_or(&submission.search_path).clone(), submission.job.retry.max.to_string()];
    let sbatch = Invocation::new("sbatch")
        .args(options::sbatch(submission, site)?)
        .arg(run.join("batch.sh"))
        .args(batch)
        .args(site.modules.iter().cloned())
        .arg("--")
        .args(step::command(submission, site)?);
    Ok(RenderedJob { files, invocations: vec![sbatch] })
}

/// All variables of the job: the site's, then the job's own, then what the shim has to know.
fn variables(submission: &Submission) -> BTreeMap<String, String> {
    let run = submission.run_directory.as_path();
    let surroundings =
        ShimSurroundings { files: run, run: Some(run), signals: SignalReach::Everyone, time: TimeKeeper::Engine };
    let shim = submission.shim_variables(&surroundings).into_iter().map(|(name, value)| (name.to_owned(), value));
    let own = submission.site.environment.iter().chain(&submission.job.environment);
    // Else srun would pass on nothing of the script's environment where the site's default says so.
    let passed_on = [("SLURM_EXPORT_ENV".to_owned(), "ALL".to_owned())];
    let paths = if submission.image.is_some() { submission.path_variables() } else { BTreeMap::new() };
    let own = paths.iter().chain(own);
    own.map(|(name, value)| (name.clone(), value.clone())).chain(shim).chain(passed_on).collect()
}

/// In the form of `sbatch --export-file`.
fn exported(variables: &BTreeMap<String, String>) -> Vec<u8> {
    variables.iter().flat_map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}

/// One folder of the nodes in a container.
struct Bind {
    source: Utf8PathBuf,
    target: Utf8PathBuf,
    is_read_only: bool,
}

/// What a container sees of the nodes: the code, data, outputs, the run's folder at its own path, and what the job asks for.
fn binds(submission: &Submission) -> Result<Vec<Bind>> {
    let Submission { paths, site, job, run_directory, .. } = submission;
    let bind = |source: &Utf8Path, target: &Utf8Path, is_read_only| Bind {
        source: source.to_owned(),
        target: target.to_owned(),
        is_read_only,
    };
    let mut binds = vec![bind(code(submission)?, &paths.root, false)];
    for (storage, target) in [(&site.storage.data, &paths.data), (&site.storage.outputs, &paths.outputs)] {
        if let Some(MountSource::Host(folder)) = storage {
            binds.push(bind(folder, target, false));
        }
    }
    binds.push(bind(run_directory, run_directory, false));
    for mount in &job.mounts {
        let MountSource::Host(folder) = &mount.source else {
            anyhow::bail!("Slurm knows folders only, so `{}` of the job `{}` needs `host = …`", mount.target, job.name);
        };
        let folder = mount.subpath.as_ref().map_or_else(|| folder.clone(), |it| folder.join(it));
        binds.push(bind(&folder, &mount.target, mount.is_read_only));
    }
    Ok(binds)
}

fn code(submission: &Submission) -> Result<&Utf8Path> {
    match &submission.code {
        CodeSource::Directory(directory) => Ok(directory),
        CodeSource::Archive(_) => anyhow::bail!("Slurm's nodes find the code in a folder that they share"),
    }
}

#[cfg(test)]
mod tests;
